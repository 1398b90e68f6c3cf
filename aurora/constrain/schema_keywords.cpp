// The keywords of JSON Schema (draft 7 to 2020-12): one descriptor each.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <numeric>
#include <string_view>

#include "aurora/constrain/format.h"
#include "aurora/constrain/schema_reading.h"

namespace aurora::constrain {
namespace {

constexpr size_t kMaxAround = 128;
constexpr size_t kMaxTogether = 128;  // schemas that must hold at once

using Absorb = void (*)(const Reading&);

void ignore(const Reading&) {}
void refuse_keyword(const Reading& reading) {
  reading.refuse(fmt::format("the keyword {} is not supported", reading.key));
}

void absorb_reference(const Reading& reading) {
  const SchemaPlace target = reading.document.resolve(reading.text(), reading.place);
  absorb(reading.shape, reading.document, target, reading.around);
}

void absorb_all_of(const Reading& reading) {
  for (const SchemaPlace& place : reading.children()) {
    absorb(reading.shape, reading.document, place, reading.around);
  }
}

void absorb_any_of(const Reading& reading) {
  reading.shape.alternatives.push_back({reading.children(), reading.around});
}

TypeSet named_type(const Reading& reading, const SchemaJson& name) {
  struct NamedType {
    std::string_view name;
    TypeSet type;
  };
  constexpr std::array<NamedType, 7> kTypes = {{{"object", kObject},
                                                {"array", kArray},
                                                {"string", kString},
                                                {"number", kNumber},
                                                {"integer", kInteger},
                                                {"boolean", kBoolean},
                                                {"null", kNull}}};
  for (const NamedType& type : kTypes) {
    if (name.is_string() && name.get_ref<const std::string&>() == type.name) return type.type;
  }
  reading.refuse(fmt::format("no such type: {}", name.dump()));
}

void absorb_type(const Reading& reading) {
  TypeSet types = 0;
  if (reading.value.is_array()) {
    for (const SchemaJson& name : reading.value) types |= named_type(reading, name);
  } else {
    types = named_type(reading, reading.value);
  }
  if (reading.place.json->value("nullable", SchemaJson(false)) == true) types |= kNull;  // OpenAPI 3.0
  reading.shape.types &= types;
  reading.shape.typed = true;
}

void keep_values(Shape& shape, std::vector<SchemaPlace> values) {
  if (shape.values) {
    std::erase_if(values, [&](const SchemaPlace& value) {
      return std::none_of(shape.values->begin(), shape.values->end(),
                          [&](const SchemaPlace& other) { return *other.json == *value.json; });
    });
  }
  shape.values = std::move(values);
}

void absorb_enum(const Reading& reading) {
  keep_values(reading.shape, reading.children());
}
void absorb_const(const Reading& reading) {
  keep_values(reading.shape, {reading.child()});
}

NumberBound bound_of(const Reading& reading, bool open) {
  if (!reading.value.is_number()) reading.refuse(reading.key + " is no number");
  reading.shape.implied |= kNumber;
  return {parse_decimal(reading.value.dump()), open};
}

void absorb_minimum(const Reading& reading) {
  raise_low(reading.shape.range, bound_of(reading, false));
}
void absorb_maximum(const Reading& reading) {
  lower_high(reading.shape.range, bound_of(reading, false));
}
void absorb_exclusive_minimum(const Reading& reading) {
  raise_low(reading.shape.range, bound_of(reading, true));
}
void absorb_exclusive_maximum(const Reading& reading) {
  lower_high(reading.shape.range, bound_of(reading, true));
}

// A whole number, or a power of ten below one.
void absorb_multiple_of(const Reading& reading) {
  Shape& shape = reading.shape;
  const Decimal step = bound_of(reading, false).value;
  if (step.fraction.empty() && !step.negative && step.whole != "0" && step.whole.size() <= 4 &&
      std::stoll(step.whole) <= kMaxDivisor) {
    const int64_t divisor = std::stoll(step.whole);
    shape.divisor = std::lcm(shape.divisor, divisor);
    shape.range.max_fraction = 0;
    if (shape.divisor <= kMaxDivisor) return;
  }
  const std::string& zeros = step.fraction;
  const bool is_power =
      step.whole == "0" && zeros.ends_with('1') && zeros.find_first_not_of('0') == zeros.size() - 1;
  if (is_power && !step.negative) {
    shape.range.max_fraction = std::min(shape.range.max_fraction, static_cast<int>(step.fraction.size()));
    return;
  }
  reading.refuse(fmt::format("multipleOf {}: only whole numbers to {} and 0.1, 0.01 ... are supported",
                             reading.value.dump(), kMaxDivisor));
}

void absorb_min_length(const Reading& reading) {
  reading.shape.implied |= kString;
  reading.shape.min_length = std::max(reading.shape.min_length, reading.count());
}

void absorb_max_length(const Reading& reading) {
  reading.shape.implied |= kString;
  lower(reading.shape.max_length, reading.count());
}

void absorb_pattern(const Reading& reading) {
  reading.shape.implied |= kString;
  reading.shape.patterns.push_back({reading.text(), false, reading.path()});
}

void absorb_format(const Reading& reading) {
  const std::string name = reading.text();
  // Names of OpenAPI for numbers: how they are stored.
  for (const std::string_view stored : {"int32", "int64", "float", "double"}) {
    if (name == stored) return;
  }
  const std::string* const regex = format_regex(name);
  if (regex == nullptr)
    reading.refuse(fmt::format("the format {} is not supported ({} are)", name, format_names()));
  reading.shape.implied |= kString;
  reading.shape.patterns.push_back({*regex, true, reading.path()});
}

void only_false(const Reading& reading) {
  if (reading.value != false) refuse_keyword(reading);
}

struct Keyword {
  std::string_view name;
  Absorb absorb;
};

constexpr Keyword kKeywords[] = {
    {"$ref", absorb_reference},
    {"allOf", absorb_all_of},
    {"anyOf", absorb_any_of},
    {"oneOf", absorb_any_of},
    {"type", absorb_type},
    {"enum", absorb_enum},
    {"const", absorb_const},
    {"minimum", absorb_minimum},
    {"maximum", absorb_maximum},
    {"exclusiveMinimum", absorb_exclusive_minimum},
    {"exclusiveMaximum", absorb_exclusive_maximum},
    {"multipleOf", absorb_multiple_of},
    {"minLength", absorb_min_length},
    {"maxLength", absorb_max_length},
    {"pattern", absorb_pattern},
    {"format", absorb_format},
    {"properties", absorb_properties},
    {"additionalProperties", absorb_additional},
    {"required", absorb_required},
    {"items", absorb_items},
    {"prefixItems", absorb_prefix_items},
    {"additionalItems", absorb_additional_items},
    {"minItems", absorb_min_items},
    {"maxItems", absorb_max_items},
    {"uniqueItems", only_false},
    // Words that ask nothing of a value.
    {"$schema", ignore},
    {"$id", ignore},
    {"$comment", ignore},
    {"$defs", ignore},
    {"definitions", ignore},
    {"title", ignore},
    {"description", ignore},
    {"default", ignore},
    {"examples", ignore},
    {"example", ignore},
    {"deprecated", ignore},
    {"readOnly", ignore},
    {"writeOnly", ignore},
    {"discriminator", ignore},
    {"nullable", ignore},  // beside `type`
};

}  // namespace

bool is_reference(const SchemaPlace& place) {
  if (!place.json->is_object() || !place.json->contains("$ref")) return false;
  return std::all_of(place.json->items().begin(), place.json->items().end(), [](const auto& item) {
    const auto keyword = std::find_if(std::begin(kKeywords), std::end(kKeywords),
                                      [&](const Keyword& each) { return each.name == item.key(); });
    return item.key() == "$ref" || item.key().starts_with("x-") ||
           (keyword != std::end(kKeywords) && keyword->absorb == ignore);
  });
}

void absorb(Shape& shape, const SchemaDocument& document, const SchemaPlace& place,
            std::vector<const SchemaJson*> around) {
  if (shape.path.empty()) shape.path = place.path;
  if (place.json->is_boolean()) {
    if (!place.json->get<bool>()) shape.never = true;
    return;
  }
  if (!place.json->is_object()) refuse_schema("a schema is an object, true or false", place.path);
  if (std::find(around.begin(), around.end(), place.json) != around.end()) {
    refuse_schema("refers to itself with nothing between", place.path);
  }
  if (std::find(shape.seen.begin(), shape.seen.end(), place.json) != shape.seen.end()) return;
  if (around.size() >= kMaxAround) refuse_schema("references of references without end", place.path);
  if (shape.seen.size() >= kMaxTogether) {
    refuse_schema(fmt::format("more than {} schemas that must hold at once", kMaxTogether), place.path);
  }
  shape.seen.push_back(place.json);
  around.push_back(place.json);
  for (const auto& item : place.json->items()) {
    const std::string& key = item.key();
    if (key.starts_with("x-")) continue;
    const Reading reading{shape, document, place, key, item.value(), around};
    const auto keyword = std::find_if(std::begin(kKeywords), std::end(kKeywords),
                                      [&](const Keyword& each) { return each.name == key; });
    if (keyword == std::end(kKeywords)) refuse_keyword(reading);
    keyword->absorb(reading);
  }
}

}  // namespace aurora::constrain
