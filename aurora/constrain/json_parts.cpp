#include "aurora/constrain/json_parts.h"

#include "aurora/constrain/number.h"
#include "aurora/constrain/spell.h"

namespace aurora::constrain {
namespace {
constexpr int kMaxIndent = 20;
}  // namespace

StateId JsonParts::add_break(StateId from) {
  if (whitespace_ == Whitespace::kCompact) return from;
  const StateId end = machine_.add_state();
  machine_.add_free(from, end);
  machine_.add_bytes(from, ' ', ' ', end);
  StateId at = machine_.add_state();
  machine_.add_bytes(from, '\n', '\n', at);
  for (int i = 0; i < kMaxIndent; ++i) {
    machine_.add_free(at, end);
    const StateId next = machine_.add_state();
    machine_.add_bytes(at, ' ', ' ', next);
    at = next;
  }
  machine_.add_free(at, end);
  return end;
}

StateId JsonParts::add_colon(StateId from) {
  const StateId colon = machine_.add_text(from, ":");
  if (whitespace_ == Whitespace::kCompact) return colon;
  const StateId end = machine_.add_text(colon, " ");
  machine_.add_free(colon, end);
  return end;
}

StateId JsonParts::add_comma(StateId from) {
  return add_break(machine_.add_text(from, ","));
}

StateId JsonParts::add_string(StateId from, int64_t min_length, int64_t max_length) {
  const StateId inside = machine_.add_text(from, "\"");
  const StateId close = machine_.add_state();
  spell_any(machine_, min_length, max_length, inside, close);
  return machine_.add_text(close, "\"");
}

StateId JsonParts::add_number(StateId from) {
  const StateId end = machine_.add_state();
  Work work;
  spell(machine_, number_dfa({}, work, "number"), Spelling::kPlain, from, end);
  return end;
}

RuleId JsonParts::any_value() {
  if (value_) return *value_;
  const RuleId rule = machine_.add_rule("any value");
  value_ = rule;
  const StateId from = machine_.start(rule);
  const StateId to = machine_.end(rule);
  for (const char* word : {"true", "false", "null"}) machine_.add_free(machine_.add_text(from, word), to);
  machine_.add_free(add_string(from), to);
  machine_.add_free(add_number(from), to);
  machine_.add_call(from, any_object(), to);
  machine_.add_call(from, any_array(), to);
  return rule;
}

RuleId JsonParts::any_object() {
  if (object_) return *object_;
  const RuleId rule = machine_.add_rule("any object");
  object_ = rule;
  const StateId open = add_break(machine_.add_text(machine_.start(rule), "{"));
  machine_.add_bytes(open, '}', '}', machine_.end(rule));
  const StateId key = machine_.add_state();
  machine_.add_free(open, key);
  const StateId value = add_colon(add_string(key));
  const StateId behind = machine_.add_state();
  machine_.add_call(value, any_value(), behind);
  machine_.add_free(add_comma(behind), key);
  machine_.add_bytes(add_break(behind), '}', '}', machine_.end(rule));
  return rule;
}

RuleId JsonParts::any_array() {
  if (array_) return *array_;
  const RuleId rule = machine_.add_rule("any array");
  array_ = rule;
  const StateId open = add_break(machine_.add_text(machine_.start(rule), "["));
  machine_.add_bytes(open, ']', ']', machine_.end(rule));
  const StateId item = machine_.add_state();
  machine_.add_free(open, item);
  const StateId behind = machine_.add_state();
  machine_.add_call(item, any_value(), behind);
  machine_.add_free(add_comma(behind), item);
  machine_.add_bytes(add_break(behind), ']', ']', machine_.end(rule));
  return rule;
}

}  // namespace aurora::constrain
