// What the tables of filters, tests, methods and functions share: how they are described and called.
#pragma once

#include <optional>

#include "aurora/chat/objects.h"

namespace aurora::chat {

// Of one rendering.
struct Runtime {
  Meter& meter;
  int64_t now = 0;  // seconds since 1970, UTC
  // Every object with state, to be cleared at the end.
  std::vector<std::shared_ptr<Object>> objects = {};

  template <class T>
  Value keep(Kind kind, std::shared_ptr<T> object) {
    meter.spend(16);
    objects.push_back(object);
    return Value::object(kind, std::move(object));
  }
  Value generator(Next next) { return keep(Kind::kGenerator, std::make_shared<Generator>(std::move(next))); }
  explicit Runtime(Meter& meter, int64_t now) : meter(meter), now(now) {}
  ~Runtime() {
    for (const auto& object : objects) object->clear();
  }
  Runtime(const Runtime&) = delete;
};

struct Arguments {
  Values positional;
  std::vector<std::pair<std::string, Value>> named;
};

struct Call {
  Runtime& runtime;
  Meter& meter;
  Value subject;   // what a filter, test or method is applied to
  Values args;     // by parameter; missing where not given
  Arguments rest;  // all of them, for an entry with "*"

  bool has(size_t i) const { return !args[i].is(Kind::kMissing); }
  // The argument, or what it is by default.
  Value arg(size_t i, Value otherwise) const { return has(i) ? args[i] : otherwise; }
  bool flag(size_t i) const { return has(i) && is_true(args[i]); }
};

// A filter, test, method or function.
struct Entry {
  std::string_view name;
  // Names separated by spaces, those with '?' may be left out; "/" first: by position only; "*": any.
  std::string_view parameters;
  Value (*run)(Call&);  // nullptr: known to Jinja, but not in the subset
};

// Binds the arguments and runs it. Trouble: arguments that do not fit.
Value invoke(const Entry& entry, Runtime& runtime, Value subject, Arguments arguments);
// The same for a filter or method, which may read a text to its end.
Value invoke_on(const Entry& entry, Runtime& runtime, Value subject, Arguments arguments);

// nullptr if there is none of that name.
const Entry* find_filter(std::string_view name);
const Entry* find_test(std::string_view name);
const Entry* find_function(std::string_view name);
// The method of a value's type; an entry without run if it changes the value or is not in the subset.
const Entry* find_method(const Value& value, std::string_view name);

// Jinja's x.name (attribute first) and x[key] (item first). Undefined if there is none.
Value get_attribute(Runtime& runtime, const Value& value, const std::string& name);
Value get_item(Runtime& runtime, const Value& value, const Value& key);

// Trouble: what cannot be iterated.
Next iterate(Runtime& runtime, const Value& value);
bool is_iterable(const Value& value);
// All items; uses a generator up.
Values to_values(Runtime& runtime, const Value& value);
// Nothing if it has no length.
std::optional<int64_t> length_of(const Value& value);

// An integer as Python takes one for an index or a count. Trouble: another type.
int64_t to_index(const Value& value);

}  // namespace aurora::chat
