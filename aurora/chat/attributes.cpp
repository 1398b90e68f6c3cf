// x.name and x[key], as Jinja's sandbox allows them.
#include <algorithm>
#include <array>

#include "aurora/chat/evaluate.h"
#include "aurora/chat/operators.h"
#include "aurora/chat/python_text.h"

namespace aurora::chat {
namespace {

// How Jinja names a value's type in its messages.
std::string described(const Value& value) {
  if (value.is(Kind::kNone)) return "None";
  return type_name(value) + " object";
}

Value no_attribute(const Value& value, const std::string& name) {
  return Value::undefined("'" + described(value) + "' has no attribute '" + name + "'");
}

Value loop_cycle(Call& call) {
  if (call.rest.positional.empty() || !call.rest.named.empty()) fail("no items for cycling given");
  const auto index = static_cast<size_t>(call.subject.object<Loop>().index0);
  return call.rest.positional[index % call.rest.positional.size()];
}

Value loop_changed(Call& call) {
  if (!call.rest.named.empty()) fail("changed() takes no keyword arguments");
  Loop& loop = call.subject.object<Loop>();
  const Value now = Value::tuple(call.rest.positional);
  if (!loop.last_changed.is(Kind::kMissing) && equal(loop.last_changed, now, call.meter))
    return Value::boolean(false);
  loop.last_changed = now;
  return Value::boolean(true);
}

Value cycler_next(Call& call) {
  Cycler& cycler = call.subject.object<Cycler>();
  const Value value = cycler.items[cycler.at];
  cycler.at = (cycler.at + 1) % cycler.items.size();
  return value;
}

Value cycler_reset(Call& call) {
  call.subject.object<Cycler>().at = 0;
  return Value::none();
}

constexpr Entry kLoopMethods[] = {{"cycle", "*", loop_cycle}, {"changed", "*", loop_changed}};
constexpr Entry kCyclerMethods[] = {{"next", "", cycler_next}, {"reset", "", cycler_reset}};

template <size_t n>
std::optional<Value> method_of(const Entry (&entries)[n], const Value& value, const std::string& name) {
  for (const Entry& entry : entries) {
    if (entry.name == name) return Value::object(Kind::kMethod, std::make_shared<Method>(value, entry));
  }
  return std::nullopt;
}

struct LoopAttribute {
  std::string_view name;
  Value (*get)(Loop& loop, Runtime& runtime);
};
constexpr LoopAttribute kLoopAttributes[] = {
    {"index", [](Loop& loop, Runtime&) { return Value::integer(loop.index0 + 1); }},
    {"index0", [](Loop& loop, Runtime&) { return Value::integer(loop.index0); }},
    {"first", [](Loop& loop, Runtime&) { return Value::boolean(loop.index0 == 0); }},
    {"last", [](Loop& loop, Runtime&) { return Value::boolean(loop.peek().is(Kind::kMissing)); }},
    {"length", [](Loop& loop, Runtime& runtime) { return Value::integer(loop.length(runtime)); }},
    {"revindex",
     [](Loop& loop, Runtime& runtime) { return Value::integer(loop.length(runtime) - loop.index0); }},
    {"revindex0",
     [](Loop& loop, Runtime& runtime) { return Value::integer(loop.length(runtime) - loop.index0 - 1); }},
    {"depth", [](Loop& loop, Runtime&) { return Value::integer(loop.depth0 + 1); }},
    {"depth0", [](Loop& loop, Runtime&) { return Value::integer(loop.depth0); }},
    {"previtem",
     [](Loop& loop, Runtime&) {
       return loop.index0 == 0 ? Value::undefined("there is no previous item") : loop.before;
     }},
    {"nextitem",
     [](Loop& loop, Runtime&) {
       const Value& next = loop.peek();
       return next.is(Kind::kMissing) ? Value::undefined("there is no next item") : next;
     }},
};

Value loop_attribute(Runtime& runtime, const Value& value, const std::string& name) {
  for (const LoopAttribute& attribute : kLoopAttributes) {
    if (attribute.name == name) return attribute.get(value.object<Loop>(), runtime);
  }
  return method_of(kLoopMethods, value, name).value_or(no_attribute(value, name));
}

Value object_attribute(Runtime& runtime, const Value& value, const std::string& name) {
  switch (value.kind()) {
    case Kind::kNamespace: {
      const Value* found = value.object<Namespace>().find(name, runtime.meter);
      return found != nullptr ? *found : no_attribute(value, name);
    }
    case Kind::kLoop:
      return loop_attribute(runtime, value, name);
    case Kind::kCycler: {
      const Cycler& cycler = value.object<Cycler>();
      if (name == "current") return cycler.items[cycler.at];
      return method_of(kCyclerMethods, value, name).value_or(no_attribute(value, name));
    }
    case Kind::kMacro:
      if (name == "name") return Value::text(value.object<Macro>().callable.name);
      return no_attribute(value, name);
    case Kind::kRange: {
      const Range& range = value.object<Range>();
      if (name == "start") return Value::integer(range.start);
      if (name == "stop") return Value::integer(range.stop);
      if (name == "step") return Value::integer(range.step);
      return no_attribute(value, name);
    }
    default:
      return no_attribute(value, name);
  }
}

bool is_dunder(const std::string& name) {
  return name.size() > 4 && name.starts_with("__") && name.ends_with("__");
}

// What a Python object has by that name, without looking for an item; missing if it has nothing.
Value own_attribute(Runtime& runtime, const Value& value, const std::string& name) {
  if (is_dunder(name) && !value.is(Kind::kNamespace)) {
    return Value::undefined("access to attribute '" + name + "' of '" + type_name(value) +
                            "' object is unsafe.");
  }
  if (const Entry* method = find_method(value, name)) {
    if (method->run == nullptr && method->parameters == "unsafe") {
      return Value::undefined("access to attribute '" + name + "' of '" + type_name(value) +
                              "' object is unsafe.");
    }
    if (method->run == nullptr) {
      fail("'" + name + "' of a " + type_name(value) + " is not in the subset of Jinja that is known here");
    }
    return Value::object(Kind::kMethod, std::make_shared<Method>(value, *method));
  }
  if (value.is(Kind::kTuple) && value.sequence().is_group && (name == "grouper" || name == "list")) {
    return value.items()[name == "grouper" ? 0 : 1];
  }
  if (value.kind() < Kind::kRange) return Value::missing();
  return object_attribute(runtime, value, name);
}

Value indexed(const Value& value, int64_t index, Meter& meter) {
  const int64_t length = *length_of(value);
  const int64_t at = index < 0 ? index + length : index;
  if (at < 0 || at >= length) return Value::missing();
  if (value.is_sequence()) return value.items()[static_cast<size_t>(at)];
  if (value.is(Kind::kRange)) return Value::integer(value.object<Range>().at(at));
  if (!value.text().is_ascii()) meter.spend_bytes(value.bytes().size());
  return Value::text(std::string(characters(value.text(), at, at + 1)), value.text().markup);
}

// value[key]; missing if Python would raise a TypeError or a LookupError.
Value subscript(const Value& value, const Value& key, Meter& meter) {
  if (value.is(Kind::kDict)) {
    if (key.is(Kind::kText)) {
      const Value* found = value.dict().find(key.bytes());
      return found != nullptr ? *found : Value::missing();
    }
    if (key.is(Kind::kList) || key.is(Kind::kDict) || key.is(Kind::kView)) return Value::missing();
    const Value* found = value.dict().find(key, meter);
    return found != nullptr ? *found : Value::missing();
  }
  const bool indexes = value.is(Kind::kText) || value.is_sequence() || value.is(Kind::kRange);
  return indexes && key.is_integral() ? indexed(value, key.whole(), meter) : Value::missing();
}

}  // namespace

Value* Namespace::find(std::string_view name, Meter& meter) {
  meter.spend(attributes.size() / 16);
  for (auto& [key, value] : attributes) {
    if (key.bytes() == name) return &value;
  }
  return nullptr;
}

void Namespace::set(const std::string& name, const Value& value, Meter& meter) {
  if (name.starts_with('_')) {
    fail("chat templates cannot store underscore-prefixed attributes on a namespace, but got '" + name + "'");
  }
  if (Value* found = find(name, meter)) {
    *found = value;
  } else {
    meter.spend();
    attributes.emplace_back(Value::text(name), value);
  }
}

Value get_attribute(Runtime& runtime, const Value& value, const std::string& name) {
  if (value.is(Kind::kUndefined)) fail(value.message());
  Value found = own_attribute(runtime, value, name);
  if (!found.is(Kind::kMissing)) return found;
  found = subscript(value, Value::text(name), runtime.meter);
  return found.is(Kind::kMissing) ? no_attribute(value, name) : found;
}

Value get_item(Runtime& runtime, const Value& value, const Value& key) {
  if (value.is(Kind::kUndefined)) fail(value.message());
  Value found = subscript(value, key, runtime.meter);
  if (!found.is(Kind::kMissing)) return found;
  if (key.is(Kind::kText)) {
    found = own_attribute(runtime, value, key.bytes());
    return found.is(Kind::kMissing) ? no_attribute(value, key.bytes()) : found;
  }
  // Made late: a long key costs only where somebody reads the message.
  return Value::undefined(described(value) + " has no element " +
                          (key.is_number() ? repr(key, runtime.meter) : type_name(key)));
}

}  // namespace aurora::chat
