#include "aurora/chat/tables.h"

#include <algorithm>

#include "aurora/chat/python_text.h"

namespace aurora::chat {
namespace {

constexpr std::string_view kRefused = "refused", kUnsafe = "unsafe";

// Filters of Jinja that are not in the subset.
constexpr Entry kRefusedFilters[] = {
    {"attr", kRefused, nullptr},     {"filesizeformat", kRefused, nullptr}, {"pprint", kRefused, nullptr},
    {"random", kRefused, nullptr},   {"striptags", kRefused, nullptr},      {"urlize", kRefused, nullptr},
    {"wordwrap", kRefused, nullptr},
};

Value list_index(Call& call) {
  const int64_t length = *length_of(call.subject);
  const auto clipped = [&](size_t i, int64_t otherwise) {
    int64_t index = call.has(i) ? to_index(call.args[i]) : otherwise;
    if (index < 0) index += length;
    return std::clamp<int64_t>(index, 0, length);
  };
  const int64_t stop = clipped(2, length);
  for (int64_t i = clipped(1, 0); i < stop; ++i) {
    if (equal(call.subject.items()[static_cast<size_t>(i)], call.args[0], call.meter))
      return Value::integer(i);
  }
  fail("the value is not in the list");
}

Value list_count(Call& call) {
  int64_t count = 0;
  for (const Value& item : call.subject.items()) count += equal(item, call.args[0], call.meter);
  return Value::integer(count);
}

Value itself(Call& call) {
  return call.subject;
}

Value dict_get(Call& call) {
  const Value* found = call.subject.dict().find(call.args[0], call.meter);
  return found != nullptr ? *found : call.arg(1, Value::none());
}

template <View::Part part>
Value dict_view(Call& call) {
  return Value::object(Kind::kView, std::make_shared<View>(call.subject, part));
}

constexpr Entry kListMethods[] = {
    {"index", "/ value start? stop?", list_index},
    {"count", "/ value", list_count},
    {"copy", "/", itself},
    {"append", kUnsafe, nullptr},
    {"clear", kUnsafe, nullptr},
    {"extend", kUnsafe, nullptr},
    {"insert", kUnsafe, nullptr},
    {"pop", kUnsafe, nullptr},
    {"remove", kUnsafe, nullptr},
    {"reverse", kUnsafe, nullptr},
    {"sort", kUnsafe, nullptr},
};
constexpr Entry kTupleMethods[] = {{"index", "/ value start? stop?", list_index},
                                   {"count", "/ value", list_count}};
constexpr Entry kDictMethods[] = {
    {"get", "/ key default?", dict_get},
    {"items", "/", dict_view<View::Part::kItems>},
    {"keys", "/", dict_view<View::Part::kKeys>},
    {"values", "/", dict_view<View::Part::kValues>},
    {"copy", "/", itself},
    {"fromkeys", kRefused, nullptr},
    {"clear", kUnsafe, nullptr},
    {"pop", kUnsafe, nullptr},
    {"popitem", kUnsafe, nullptr},
    {"setdefault", kUnsafe, nullptr},
    {"update", kUnsafe, nullptr},
};
constexpr Entry kNumberMethods[] = {
    {"real", kRefused, nullptr},        {"imag", kRefused, nullptr},
    {"numerator", kRefused, nullptr},   {"conjugate", kRefused, nullptr},
    {"denominator", kRefused, nullptr}, {"as_integer_ratio", kRefused, nullptr},
    {"to_bytes", kRefused, nullptr},    {"from_bytes", kRefused, nullptr},
    {"bit_length", kRefused, nullptr},  {"bit_count", kRefused, nullptr},
    {"is_integer", kRefused, nullptr},  {"hex", kRefused, nullptr},
    {"fromhex", kRefused, nullptr},
};
constexpr Entry kViewMethods[] = {{"isdisjoint", kRefused, nullptr}, {"mapping", kRefused, nullptr}};
constexpr Entry kRangeMethods[] = {{"index", kRefused, nullptr}, {"count", kRefused, nullptr}};

const Entry* find(std::span<const Entry> entries, std::string_view name) {
  for (const Entry& entry : entries) {
    if (entry.name == name) return &entry;
  }
  return nullptr;
}

std::span<const Entry> methods_of(Kind kind) {
  switch (kind) {
    case Kind::kBool:
    case Kind::kInt:
    case Kind::kFloat:
      return kNumberMethods;
    case Kind::kList:
      return kListMethods;
    case Kind::kTuple:
      return kTupleMethods;
    case Kind::kDict:
      return kDictMethods;
    case Kind::kRange:
      return kRangeMethods;
    case Kind::kView:
      return kViewMethods;
    default:
      return {};
  }
}

}  // namespace

const Entry* find_filter(std::string_view name) {
  for (const auto& table : {text_filters(), sequence_filters(), selecting_filters(), number_filters(),
                            std::span<const Entry>(kRefusedFilters)}) {
    if (const Entry* found = find(table, name)) return found;
  }
  return nullptr;
}

const Entry* find_method(const Value& value, std::string_view name) {
  if (!value.is(Kind::kText)) return find(methods_of(value.kind()), name);
  const Entry* found = find(text_methods(), name);
  return found != nullptr ? found : find(text_tests(), name);
}

Value soft_text(const Value& value, Meter& meter) {
  return value.is(Kind::kText) ? value : Value::text(to_text(value, meter));
}

}  // namespace aurora::chat
