#include "aurora/chat/value.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <functional>

#include "aurora/chat/objects.h"

namespace aurora::chat {
namespace {

// Containers recurse when they are printed, compared and freed.
constexpr uint32_t kContainerDepthMax = 200;

uint32_t checked_depth(uint32_t depth) {
  if (depth > kContainerDepthMax) {
    throw Exhausted("lists or mappings nest deeper than " + std::to_string(kContainerDepthMax) + " levels");
  }
  return depth;
}

int compare_numbers(const Value& left, const Value& right) {
  if (left.is_integral() && right.is_integral()) {
    return left.whole() < right.whole() ? -1 : left.whole() > right.whole();
  }
  // long double holds every 64-bit integer and every double exactly.
  const auto exact = [](const Value& value) {
    return value.is_integral() ? static_cast<long double>(value.whole())
                               : static_cast<long double>(value.real());
  };
  const long double a = exact(left), b = exact(right);
  return a < b ? -1 : a > b ? 1 : a == b ? 0 : 2;
}

bool equal_items(const Values& left, const Values& right, Meter& meter) {
  if (left.size() != right.size()) return false;
  for (size_t i = 0; i < left.size(); ++i) {
    if (!equal(left[i], right[i], meter)) return false;
  }
  return true;
}

bool equal_dicts(const Dict& left, const Dict& right, Meter& meter) {
  if (left.entries().size() != right.entries().size()) return false;
  for (const auto& [key, value] : left.entries()) {
    const Value* other = right.find(key, meter);
    if (other == nullptr || !equal(value, *other, meter)) return false;
  }
  return true;
}

bool equal_ranges(const Range& left, const Range& right) {
  if (left.length != right.length || left.length == 0) return left.length == right.length;
  return left.start == right.start && (left.length == 1 || left.step == right.step);
}

[[noreturn]] void fail_unordered(const Value& left, const Value& right) {
  for (const Value* side : {&left, &right}) {
    if (side->is(Kind::kUndefined)) fail(side->message());
  }
  fail("'<' not supported between instances of '" + type_name(left) + "' and '" + type_name(right) + "'");
}

}  // namespace

Dict::Dict(std::vector<std::pair<Value, Value>> entries, Meter& meter) {
  meter.spend(entries.size());
  const bool hashed = entries.size() > kSmall;
  for (auto& [key, value] : entries) {
    const size_t hash = hash_of(key, meter);
    const Value* found = hashed ? find_hashed(key, hash, meter) : find(key, meter);
    if (found != nullptr) {
      const_cast<Value&>(*found) = std::move(value);
      continue;
    }
    if (hashed) places_.emplace(hash, entries_.size());
    entries_.emplace_back(std::move(key), std::move(value));
  }
  for (const auto& [key, value] : entries_) depth = std::max({depth, key.depth(), value.depth()});
  depth = checked_depth(depth + 1);
}

const Value* Dict::find_hashed(const Value& key, size_t hash, Meter& meter) const {
  const auto [begin, end] = places_.equal_range(hash);
  for (auto place = begin; place != end; ++place) {
    const auto& [stored, value] = entries_[place->second];
    if (equal(stored, key, meter)) return &value;
  }
  return nullptr;
}

const Value* Dict::find(const Value& key, Meter& meter) const {
  const size_t hash = hash_of(key, meter);
  if (!places_.empty()) return find_hashed(key, hash, meter);
  for (const auto& [stored, value] : entries_) {
    if (equal(stored, key, meter)) return &value;
  }
  return nullptr;
}

const Value* Dict::find(std::string_view key) const {
  if (!places_.empty()) {
    const auto [begin, end] = places_.equal_range(std::hash<std::string_view>()(key));
    for (auto place = begin; place != end; ++place) {
      const auto& [stored, value] = entries_[place->second];
      if (stored.is(Kind::kText) && stored.bytes() == key) return &value;
    }
    return nullptr;
  }
  for (const auto& [stored, value] : entries_) {
    if (stored.is(Kind::kText) && stored.bytes() == key) return &value;
  }
  return nullptr;
}

Value Value::undefined(std::string message) {
  Value value(Kind::kUndefined);
  value.shared_ = std::make_shared<const Text>(Text{std::move(message)});
  return value;
}

Value Value::boolean(bool truth) {
  Value value(Kind::kBool);
  value.whole_ = truth;
  return value;
}

Value Value::integer(int64_t whole) {
  Value value(Kind::kInt);
  value.whole_ = whole;
  return value;
}

Value Value::real(double number) {
  Value value(Kind::kFloat);
  value.real_ = number;
  return value;
}

Value Value::text(std::string bytes, bool markup) {
  Value value(Kind::kText);
  const int64_t length = count_characters(bytes);
  value.shared_ = std::make_shared<const Text>(Text{std::move(bytes), length, markup});
  return value;
}

Value Value::sequence(Kind kind, Values items, bool is_group) {
  Value value(kind);
  uint32_t depth = 0;
  for (const Value& item : items) depth = std::max(depth, item.depth());
  value.shared_ =
      std::make_shared<const Sequence>(Sequence{std::move(items), checked_depth(depth + 1), is_group});
  return value;
}

Value Value::dict(std::vector<std::pair<Value, Value>> entries, Meter& meter) {
  Value value(Kind::kDict);
  value.shared_ = std::make_shared<const Dict>(std::move(entries), meter);
  return value;
}

Value Value::object(Kind kind, std::shared_ptr<Object> object) {
  Value value(kind);
  value.shared_ = std::move(object);
  return value;
}

uint32_t Value::depth() const {
  if (is_sequence()) return sequence().depth;
  if (kind_ == Kind::kDict) return dict().depth;
  if (kind_ == Kind::kView) return object<View>().dict.depth();
  return 0;
}

int64_t count_characters(std::string_view bytes) {
  return std::count_if(bytes.begin(), bytes.end(), [](char byte) { return (byte & 0xc0) != 0x80; });
}

std::string type_name(const Value& value) {
  switch (value.kind()) {
    case Kind::kMissing:
    case Kind::kUndefined:
      return "Undefined";
    case Kind::kNone:
      return "NoneType";
    case Kind::kBool:
      return "bool";
    case Kind::kInt:
      return "int";
    case Kind::kFloat:
      return "float";
    case Kind::kText:
      return value.text().markup ? "Markup" : "str";
    case Kind::kList:
      return "list";
    case Kind::kTuple:
      return "tuple";
    case Kind::kDict:
      return "dict";
    case Kind::kRange:
      return "range";
    case Kind::kView:
      return "dict view";
    case Kind::kGenerator:
      return "generator";
    case Kind::kNamespace:
      return "Namespace";
    case Kind::kMacro:
      return "Macro";
    case Kind::kFunction:
      return "function";
    case Kind::kMethod:
      return "method";
    case Kind::kLoop:
      return "LoopContext";
    case Kind::kCycler:
      return "Cycler";
    case Kind::kJoiner:
      return "Joiner";
  }
  return "object";
}

bool is_true(const Value& value) {
  switch (value.kind()) {
    case Kind::kMissing:
    case Kind::kUndefined:
    case Kind::kNone:
      return false;
    case Kind::kBool:
    case Kind::kInt:
      return value.whole() != 0;
    case Kind::kFloat:
      return value.real() != 0;
    case Kind::kText:
      return !value.bytes().empty();
    case Kind::kList:
    case Kind::kTuple:
      return !value.items().empty();
    case Kind::kDict:
      return !value.dict().entries().empty();
    case Kind::kRange:
      return value.object<Range>().length != 0;
    case Kind::kView:
      return is_true(value.object<View>().dict);
    default:
      return true;
  }
}

bool equal(const Value& left, const Value& right, Meter& meter) {
  meter.spend();
  if (left.is_number() && right.is_number()) return compare_numbers(left, right) == 0;
  if (left.kind() != right.kind()) return false;
  switch (left.kind()) {
    case Kind::kMissing:
    case Kind::kUndefined:
    case Kind::kNone:
      return true;
    case Kind::kText:
      meter.spend_bytes(std::min(left.bytes().size(), right.bytes().size()));
      return left.bytes() == right.bytes();
    case Kind::kList:
    case Kind::kTuple:
      return left.address() == right.address() || equal_items(left.items(), right.items(), meter);
    case Kind::kDict:
      return left.address() == right.address() || equal_dicts(left.dict(), right.dict(), meter);
    case Kind::kRange:
      return equal_ranges(left.object<Range>(), right.object<Range>());
    default:
      return left.address() == right.address();
  }
}

bool less(const Value& left, const Value& right, Meter& meter) {
  meter.spend();
  if (left.is_number() && right.is_number()) return compare_numbers(left, right) == -1;
  if (left.kind() != right.kind()) fail_unordered(left, right);
  if (left.is(Kind::kText)) {
    // Bytes of UTF-8 are in the order of the code points.
    meter.spend_bytes(std::min(left.bytes().size(), right.bytes().size()));
    return left.bytes() < right.bytes();
  }
  if (!left.is_sequence()) fail_unordered(left, right);
  const Values &a = left.items(), &b = right.items();
  for (size_t i = 0; i < a.size() && i < b.size(); ++i) {
    if (!equal(a[i], b[i], meter)) return less(a[i], b[i], meter);
  }
  return a.size() < b.size();
}

size_t hash_of(const Value& value, Meter& meter) {
  meter.spend();
  switch (value.kind()) {
    case Kind::kMissing:
    case Kind::kUndefined:
    case Kind::kNone:
      return static_cast<size_t>(value.kind());
    case Kind::kBool:
    case Kind::kInt:
      return std::hash<int64_t>()(value.whole());
    case Kind::kFloat: {
      const double number = value.real();
      const bool whole = std::abs(number) < 0x1p63 && number == std::trunc(number);
      return whole ? std::hash<int64_t>()(static_cast<int64_t>(number))
                   : std::hash<uint64_t>()(std::bit_cast<uint64_t>(number));
    }
    case Kind::kText:
      meter.spend_bytes(value.bytes().size());
      return std::hash<std::string_view>()(value.bytes());
    case Kind::kTuple: {
      size_t hash = 17;
      for (const Value& item : value.items()) hash = hash * 1000003 + hash_of(item, meter);
      return hash;
    }
    case Kind::kList:
    case Kind::kDict:
    case Kind::kView:
      fail("unhashable type: '" + type_name(value) + "'");
    case Kind::kRange:
      return static_cast<size_t>(value.object<Range>().length);
    default:
      return std::hash<const void*>()(value.address());
  }
}

}  // namespace aurora::chat
