// Python's values as a template meets them. A Value is small and cheap to copy; what it points to is shared
// and, but for the objects of objects.h, never changes.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "aurora/chat/meter.h"

namespace aurora::chat {

enum class Kind : uint8_t {
  kMissing,    // a variable without a value; never an operand
  kUndefined,  // Jinja's Undefined
  kNone,
  kBool,
  kInt,  // 64 bits; what would be larger fails
  kFloat,
  kText,
  kList,
  kTuple,
  kDict,
  // The structs of objects.h.
  kRange,
  kView,
  kGenerator,
  kNamespace,
  kMacro,
  kFunction,
  kMethod,
  kLoop,
  kCycler,
  kJoiner,
};

class Value;
using Values = std::vector<Value>;

struct Text {
  std::string bytes;    // valid UTF-8
  int64_t length = 0;   // in code points
  bool markup = false;  // markupsafe's Markup: what is added to it is HTML-escaped

  bool is_ascii() const { return static_cast<int64_t>(bytes.size()) == length; }
};

struct Sequence {
  Values items;
  uint32_t depth = 0;
  bool is_group = false;  // a tuple of the groupby filter: has .grouper and .list
};

class Dict {
 public:
  // The last of equal keys gives the value, the first its place, as in Python. Trouble: a key that has no
  // hash.
  Dict(std::vector<std::pair<Value, Value>> entries, Meter& meter);
  const std::vector<std::pair<Value, Value>>& entries() const { return entries_; }
  // nullptr if it is not there. Trouble: a key that has no hash.
  const Value* find(const Value& key, Meter& meter) const;
  const Value* find(std::string_view key) const;

  uint32_t depth = 0;

 private:
  const Value* find_hashed(const Value& key, size_t hash, Meter& meter) const;
  static constexpr size_t kSmall = 8;  // up to here keys are compared one by one
  std::vector<std::pair<Value, Value>> entries_;
  std::unordered_multimap<size_t, size_t> places_;  // hash of the key to its place
};

struct Object {
  virtual ~Object() = default;
  // Drops what it holds, so that no chain or ring of objects is left at the end of a rendering.
  virtual void clear() {}
};

class Value {
 public:
  Value() = default;  // none
  static Value missing() { return Value(Kind::kMissing); }
  // message: what the error says if it is used.
  static Value undefined(std::string message);
  static Value none() { return {}; }
  static Value boolean(bool value);
  static Value integer(int64_t value);
  static Value real(double value);
  static Value text(std::string bytes, bool markup = false);
  static Value list(Values items) { return sequence(Kind::kList, std::move(items), false); }
  static Value tuple(Values items, bool is_group = false) {
    return sequence(Kind::kTuple, std::move(items), is_group);
  }
  static Value dict(std::vector<std::pair<Value, Value>> entries, Meter& meter);
  static Value object(Kind kind, std::shared_ptr<Object> object);

  Kind kind() const { return kind_; }
  bool is(Kind kind) const { return kind_ == kind; }
  bool is_number() const { return kind_ == Kind::kBool || kind_ == Kind::kInt || kind_ == Kind::kFloat; }
  bool is_integral() const { return kind_ == Kind::kBool || kind_ == Kind::kInt; }
  bool is_sequence() const { return kind_ == Kind::kList || kind_ == Kind::kTuple; }

  // Each only for its kind; whole() for bools too, number() for all three.
  bool truth_bit() const { return whole_ != 0; }
  int64_t whole() const { return whole_; }
  double real() const { return real_; }
  double number() const { return kind_ == Kind::kFloat ? real_ : static_cast<double>(whole_); }
  const Text& text() const { return *static_cast<const Text*>(shared_.get()); }
  const std::string& bytes() const { return text().bytes; }
  const std::string& message() const { return text().bytes; }  // of an undefined
  const Sequence& sequence() const { return *static_cast<const Sequence*>(shared_.get()); }
  const Values& items() const { return sequence().items; }
  const Dict& dict() const { return *static_cast<const Dict*>(shared_.get()); }
  template <class T>
  T& object() const {
    return *static_cast<T*>(static_cast<Object*>(const_cast<void*>(shared_.get())));
  }
  // Are both the very same thing in memory (Python's `is`, for what is shared)?
  const void* address() const { return shared_.get(); }
  // How many containers nest in it.
  uint32_t depth() const;

 private:
  explicit Value(Kind kind) : kind_(kind) {}
  static Value sequence(Kind kind, Values items, bool is_group);

  Kind kind_ = Kind::kNone;
  union {
    int64_t whole_ = 0;
    double real_;
  };
  std::shared_ptr<const void> shared_;
};

int64_t count_characters(std::string_view bytes);
// Python's name of the type: 'str', 'dict' ...
std::string type_name(const Value& value);
// Python's bool().
bool is_true(const Value& value);
// Python's ==. Spends by what it compares.
bool equal(const Value& left, const Value& right, Meter& meter);
// Python's <. Trouble: values that have no order.
bool less(const Value& left, const Value& right, Meter& meter);
// Trouble: a value that has no hash.
size_t hash_of(const Value& value, Meter& meter);

}  // namespace aurora::chat
