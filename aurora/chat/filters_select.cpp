// Filters that apply another filter, or a test, to each item. All give iterators and look at an item only
// when it is asked for.
#include "aurora/chat/tables.h"

namespace aurora::chat {
namespace {

const Entry& entry_of(const Value& name, bool is_filter) {
  const char* what = is_filter ? "filter" : "test";
  if (!name.is(Kind::kText)) fail(std::string("a ") + what + " is named by a text");
  const Entry* entry = is_filter ? find_filter(name.bytes()) : find_test(name.bytes());
  if (entry == nullptr) fail(std::string("there is no ") + what + " named '" + name.bytes() + "'");
  return *entry;
}

Getter mapping(Runtime& runtime, Arguments arguments) {
  if (!arguments.positional.empty()) {
    const Value name = arguments.positional[0];
    arguments.positional.erase(arguments.positional.begin());
    return [&runtime, name, arguments = std::move(arguments)](const Value& item) {
      return invoke_on(entry_of(name, true), runtime, item, arguments);
    };
  }
  Value path = Value::missing(), otherwise = Value::missing();
  for (const auto& [name, value] : arguments.named) {
    if (name == "attribute") path = value;
  }
  if (path.is(Kind::kMissing)) fail("map requires a filter argument");
  for (const auto& [name, value] : arguments.named) {
    if (name == "default") {
      if (!value.is(Kind::kNone)) otherwise = value;
    } else if (name != "attribute") {
      fail("unexpected keyword argument '" + name + "'");
    }
  }
  return attribute_getter(runtime, path, otherwise, false);
}

Value map(Call& call) {
  return call.runtime.generator([&runtime = call.runtime, subject = call.subject, arguments = call.rest,
                                 source = Next(), get = Getter()](Value& out) mutable {
    if (get == nullptr) {
      if (!is_true(subject)) return false;
      get = mapping(runtime, arguments);
      source = iterate(runtime, subject);
    }
    Value item;
    if (!source(item)) return false;
    out = get(item);
    return true;
  });
}

// Does an item pass the test that the arguments name?
std::function<bool(const Value&)> passing(Runtime& runtime, Arguments arguments, bool by_attribute) {
  Value path = Value::missing();
  if (by_attribute) {
    if (arguments.positional.empty()) fail("missing parameter for attribute name");
    path = arguments.positional[0];
    arguments.positional.erase(arguments.positional.begin());
  }
  const Getter get = attribute_getter(runtime, path, Value::missing(), false);
  if (arguments.positional.empty()) return [get](const Value& item) { return is_true(get(item)); };
  const Value name = arguments.positional[0];
  arguments.positional.erase(arguments.positional.begin());
  return [&runtime, get, name, arguments = std::move(arguments)](const Value& item) {
    return is_true(invoke(entry_of(name, false), runtime, get(item), arguments));
  };
}

template <bool keep, bool by_attribute>
Value select(Call& call) {
  return call.runtime.generator([&runtime = call.runtime, subject = call.subject, arguments = call.rest,
                                 source = Next(),
                                 passes = std::function<bool(const Value&)>()](Value& out) mutable {
    if (passes == nullptr) {
      if (!is_true(subject)) return false;
      passes = passing(runtime, arguments, by_attribute);
      source = iterate(runtime, subject);
    }
    for (Value item; source(item);) {
      if (passes(item) != keep) continue;
      out = item;
      return true;
    }
    return false;
  });
}

constexpr Entry kFilters[] = {
    {"map", "*", map},
    {"reject", "*", select<false, false>},
    {"rejectattr", "*", select<false, true>},
    {"select", "*", select<true, false>},
    {"selectattr", "*", select<true, true>},
};

}  // namespace

std::span<const Entry> selecting_filters() {
  return kFilters;
}

}  // namespace aurora::chat
