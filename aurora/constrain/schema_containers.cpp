// Objects and arrays of a schema.
#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "aurora/constrain/schema_compiler.h"
#include "aurora/constrain/spell.h"

namespace aurora::constrain {
namespace {

constexpr size_t kMaxProperties = 4096;

// A schema of no value: `false`, as it is written or as several schemas together are read.
bool is_never(const SchemaPlace& place) {
  return place.json->is_boolean() && !place.json->get<bool>();
}

// Without `additionalProperties`, an object whose properties are listed has no others.
bool allows_others(const Shape& shape) {
  bool lists = false;
  bool says = false;
  for (const ObjectPart& part : shape.objects) {
    lists |= part.lists;
    says |= part.additional.has_value();
    if (part.additional && is_never(*part.additional)) return false;
  }
  return says || !lists;
}

std::vector<SchemaPlace> others_of(const Shape& shape) {
  std::vector<SchemaPlace> places;
  for (const ObjectPart& part : shape.objects) {
    if (part.additional) places.push_back(*part.additional);
  }
  return places;
}

}  // namespace

// In the order in which they are listed; then required ones that are not.
std::vector<SchemaCompiler::Property> SchemaCompiler::properties_of(const Shape& shape) const {
  std::vector<std::string> names;
  std::map<std::string, size_t> known;
  const auto add_name = [&](const std::string& name) {
    if (known.emplace(name, names.size()).second) names.push_back(name);
  };
  for (const ObjectPart& part : shape.objects) {
    for (const auto& property : part.properties) add_name(property.first);
  }
  for (const std::string& name : shape.required) add_name(name);
  if (names.size() > kMaxProperties) refuse_schema("too many properties", shape.path);
  std::vector<Property> properties;
  for (const std::string& name : names) {
    Property property{
        name, {}, std::find(shape.required.begin(), shape.required.end(), name) != shape.required.end()};
    for (const ObjectPart& part : shape.objects) {
      const auto own = std::find_if(part.properties.begin(), part.properties.end(),
                                    [&](const auto& each) { return each.first == name; });
      if (own != part.properties.end()) {
        property.places.push_back(own->second);
      } else if (part.additional) {
        property.places.push_back(*part.additional);
      }
    }
    const bool never = std::any_of(property.places.begin(), property.places.end(), is_never);
    if (never && property.required) {
      refuse_schema(fmt::format("the required property {} is not allowed", name), shape.path);
    }
    if (!never) properties.push_back(std::move(property));
  }
  return properties;
}

// States "nothing yet" and "something before" side by side, one pair for each property.
void SchemaCompiler::add_object(const Shape& shape, StateId from, StateId to) {
  if (shape.objects.empty() && shape.required.empty()) {
    machine_.add_call(from, parts_.any_object(), to);
    return;
  }
  StateId first = parts_.add_break(machine_.add_text(from, "{"));
  StateId later = machine_.add_state();
  const std::vector<Property> properties = properties_of(shape);
  for (const Property& property : properties) {
    const StateId key = machine_.add_state();
    machine_.add_free(first, key);
    machine_.add_free(parts_.add_comma(later), key);
    const StateId next_first = machine_.add_state();
    const StateId next_later = machine_.add_state();
    if (!property.required) {
      machine_.add_free(first, next_first);
      machine_.add_free(later, next_later);
    }
    const std::string name = SchemaJson(property.name).dump();
    add_value(property.places, parts_.add_colon(machine_.add_text(key, name)), next_later);
    first = next_first;
    later = next_later;
  }
  if (allows_others(shape)) {
    const StateId key = machine_.add_text(first, "\"");
    machine_.add_free(machine_.add_text(parts_.add_comma(later), "\""), key);
    std::vector<std::string> listed;
    for (const ObjectPart& part : shape.objects) {
      for (const auto& property : part.properties) listed.push_back(property.first);
    }
    for (const std::string& name : shape.required) listed.push_back(name);
    const StateId close = machine_.add_state();
    spell(machine_, none_of(listed, shape.path), Spelling::kJsonString, key, close);
    add_value(others_of(shape), parts_.add_colon(machine_.add_text(close, "\"")), later);
  }
  machine_.add_bytes(first, '}', '}', to);
  machine_.add_bytes(parts_.add_break(later), '}', '}', to);
}

void SchemaCompiler::add_array(const Shape& shape, StateId from, StateId to) {
  if (shape.max_items >= 0 && shape.min_items > shape.max_items) {
    refuse_schema("minItems is above maxItems", shape.path);
  }
  if (shape.arrays.empty() && shape.min_items == 0 && shape.max_items < 0) {
    machine_.add_call(from, parts_.any_array(), to);
    return;
  }
  // Without `items`, an array whose first items are listed has no others.
  bool lists = false;
  bool says = false;
  Places rest;
  for (const ArrayPart& part : shape.arrays) {
    lists |= !part.prefix.empty();
    says |= part.rest.has_value();
    if (part.rest) rest.push_back(*part.rest);
  }
  Shape bounded = shape;
  const bool closed = (lists && !says) || std::any_of(rest.begin(), rest.end(), is_never);
  if (closed) {
    int64_t length = 0;
    for (const ArrayPart& part : shape.arrays)
      length = std::max(length, static_cast<int64_t>(part.prefix.size()));
    for (const ArrayPart& part : shape.arrays) {
      const bool ends = part.rest && is_never(*part.rest);
      if (ends) length = std::min(length, static_cast<int64_t>(part.prefix.size()));
    }
    bounded.max_items = shape.max_items < 0 ? length : std::min(shape.max_items, length);
    if (shape.min_items > bounded.max_items) {
      refuse_schema("minItems is above the number of items that are listed", shape.path);
    }
  }
  add_items(bounded, rest, from, to);
}

void SchemaCompiler::add_items(const Shape& shape, const Places& rest, StateId from, StateId to) {
  const StateId open = machine_.add_text(from, "[");
  StateId at = parts_.add_break(open);
  if (shape.min_items == 0) machine_.add_bytes(at, ']', ']', to);
  size_t listed = 0;
  for (const ArrayPart& part : shape.arrays) listed = std::max(listed, part.prefix.size());
  // What comes behind the last of these is like it, again and again.
  const int64_t unlike = std::max(shape.min_items, static_cast<int64_t>(listed) + 1);
  const int64_t last = shape.max_items < 0 ? unlike : shape.max_items;
  machine_.expect(2 * static_cast<size_t>(last));
  const bool repeats = last > static_cast<int64_t>(listed) + 1;
  for (int64_t i = 0; i < last; ++i) {
    const StateId item = machine_.add_state();
    machine_.add_free(i == 0 ? at : parts_.add_comma(at), item);
    Places places;
    for (const ArrayPart& part : shape.arrays) {
      const auto index = static_cast<size_t>(i);
      if (index < part.prefix.size()) {
        places.push_back(part.prefix[index]);
      } else if (part.rest) {
        places.push_back(*part.rest);
      }
    }
    at = machine_.add_state();
    if (static_cast<size_t>(i) >= listed && repeats) {
      machine_.add_call(item, rule_of(rest), at);
    } else {
      add_value(places, item, at);
    }
    if (i + 1 >= shape.min_items) machine_.add_bytes(parts_.add_break(at), ']', ']', to);
    if (i + 1 == last && shape.max_items < 0) machine_.add_free(parts_.add_comma(at), item);
  }
}

}  // namespace aurora::constrain
