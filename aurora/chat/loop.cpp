#include "aurora/chat/evaluate.h"

namespace aurora::chat {

bool Loop::advance() {
  Value next;
  if (!after.is(Kind::kMissing)) {
    next = std::move(after);
    after = Value::missing();
  } else if (!source || !source(next)) {
    return false;
  }
  ++index0;
  before = std::move(current);
  current = std::move(next);
  return true;
}

const Value& Loop::peek() {
  if (after.is(Kind::kMissing)) {
    Value next;
    if (source && source(next)) after = std::move(next);
  }
  return after;
}

int64_t Loop::length(Runtime& runtime) {
  if (!known_length) known_length = length_of(iterable);
  if (!known_length) {
    Values rest;
    for (Value item; source && source(item);) rest.push_back(item);
    known_length = static_cast<int64_t>(rest.size()) + index0 + 1 + (after.is(Kind::kMissing) ? 0 : 1);
    source = iterate(runtime, Value::list(std::move(rest)));
  }
  return *known_length;
}

void Loop::clear() {
  source = nullptr;
  scope.reset();
  iterable = after = current = before = last_changed = Value();
}

}  // namespace aurora::chat
