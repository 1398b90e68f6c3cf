// The values that have behaviour or state of their own.
#pragma once

#include <functional>

#include "aurora/chat/value.h"

namespace aurora::chat {

struct Entry;

// Gives the next item; false at the end.
using Next = std::function<bool(Value&)>;

struct Range : Object {
  int64_t start = 0, stop = 0, step = 1;
  int64_t length = 0;
  Range(int64_t start, int64_t stop, int64_t step);
  int64_t at(int64_t index) const { return start + index * step; }
};

// dict.keys(), dict.values(), dict.items().
struct View : Object {
  enum class Part { kKeys, kValues, kItems };
  Value dict;
  Part part;
  View(Value dict, Part part) : dict(std::move(dict)), part(part) {}
};

// What can be iterated once and has no length: the results of map, select, reverse ...
struct Generator : Object {
  Next next;
  explicit Generator(Next next) : next(std::move(next)) {}
  void clear() override { next = nullptr; }
};

struct Namespace : Object {
  std::vector<std::pair<Value, Value>> attributes;  // the keys are texts
  // nullptr if there is none.
  Value* find(std::string_view name, Meter& meter);
  // Trouble: a name that begins with an underscore, which transformers forbids.
  void set(const std::string& name, const Value& value, Meter& meter);
  void clear() override { attributes.clear(); }
};

// One of functions.h, as a value.
struct Function : Object {
  const Entry& entry;
  explicit Function(const Entry& entry) : entry(entry) {}
};

// A method of a value, not yet called.
struct Method : Object {
  Value receiver;
  const Entry& entry;
  Method(Value receiver, const Entry& entry) : receiver(std::move(receiver)), entry(entry) {}
  void clear() override { receiver = Value(); }
};

struct Cycler : Object {
  Values items;
  size_t at = 0;
  void clear() override { items.clear(); }
};

struct Joiner : Object {
  Value separator;
  bool used = false;
};

}  // namespace aurora::chat
