#include "aurora/constrain/schema_shape.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace aurora::constrain {
namespace {

int64_t characters(const std::string& text) {
  return std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xc0) != 0x80; });
}

}  // namespace

TypeSet type_of(const SchemaJson& value) {
  if (value.is_object()) return kObject;
  if (value.is_array()) return kArray;
  if (value.is_string()) return kString;
  if (value.is_boolean()) return kBoolean;
  if (value.is_null()) return kNull;
  return parse_decimal(value.dump()).fraction.empty() ? kInteger : kFraction;
}

TypeSet Shape::allowed_types() const {
  return !typed && implied != 0 && !values ? implied : types;
}

bool Shape::is_free() const {
  return !never && !typed && implied == 0 && !values && alternatives.empty();
}

bool Shape::is_choice() const {
  return !never && !typed && implied == 0 && !values && alternatives.size() == 1;
}

bool Shape::fits(const SchemaPlace& place) const {
  const SchemaJson& value = *place.json;
  const TypeSet type = type_of(value);
  if ((type & allowed_types()) == 0) return false;
  if (type == kString) {
    const auto& text = value.get_ref<const std::string&>();
    const int64_t length = characters(text);
    return length >= min_length && (max_length < 0 || length <= max_length);
  }
  if ((type & kNumber) != 0) {
    if (divisor > 1 && (!value.is_number_integer() || value.get<int64_t>() % divisor != 0)) return false;
    return contains(range, parse_decimal(value.dump()));
  }
  const bool asks_more = type == kObject
                             ? !objects.empty() || !required.empty()
                             : type == kArray && (!arrays.empty() || min_items > 0 || max_items >= 0);
  if (asks_more) {
    refuse_schema("an enum or const of objects or arrays beside keywords that ask more of them", place.path);
  }
  return true;
}

}  // namespace aurora::constrain
