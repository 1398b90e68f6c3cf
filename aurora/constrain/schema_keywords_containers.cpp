// Keywords of objects and arrays.
#include <algorithm>
#include <nlohmann/json.hpp>

#include "aurora/constrain/schema_reading.h"

namespace aurora::constrain {
namespace {

constexpr size_t kMaxRequired = 4096;

ObjectPart& object_part(const Reading& reading) {
  Shape& shape = reading.shape;
  shape.implied |= kObject;
  if (shape.objects.empty() || shape.objects.back().owner != reading.place.json) {
    shape.objects.push_back({reading.place.json});
  }
  return shape.objects.back();
}

ArrayPart& array_part(const Reading& reading) {
  Shape& shape = reading.shape;
  shape.implied |= kArray;
  if (shape.arrays.empty() || shape.arrays.back().owner != reading.place.json) {
    shape.arrays.push_back({reading.place.json});
  }
  return shape.arrays.back();
}

}  // namespace

void absorb_properties(const Reading& reading) {
  if (!reading.value.is_object()) reading.refuse("properties is no object");
  ObjectPart& part = object_part(reading);
  part.lists = true;
  const SchemaPlace properties = reading.child();
  for (const auto& [name, schema] : reading.value.items()) {
    part.properties.emplace_back(name, SchemaDocument::child(properties, name));
  }
}

void absorb_additional(const Reading& reading) {
  object_part(reading).additional = reading.child();
}

void absorb_required(const Reading& reading) {
  reading.shape.implied |= kObject;
  for (const SchemaPlace& place : reading.children()) {
    if (!place.json->is_string()) refuse_schema("a required name is no string", place.path);
    const auto name = place.json->get<std::string>();
    std::vector<std::string>& required = reading.shape.required;
    if (required.size() >= kMaxRequired) reading.refuse("too many required names");
    if (std::find(required.begin(), required.end(), name) == required.end()) required.push_back(name);
  }
}

void absorb_items(const Reading& reading) {
  if (reading.value.is_array()) {  // draft 7
    array_part(reading).prefix = reading.children();
  } else {
    array_part(reading).rest = reading.child();
  }
}

void absorb_prefix_items(const Reading& reading) {
  array_part(reading).prefix = reading.children();
}

void absorb_additional_items(const Reading& reading) {
  const auto items = reading.place.json->find("items");
  if (items != reading.place.json->end() && items->is_array()) array_part(reading).rest = reading.child();
}

void absorb_min_items(const Reading& reading) {
  reading.shape.implied |= kArray;
  reading.shape.min_items = std::max(reading.shape.min_items, reading.count());
}

void absorb_max_items(const Reading& reading) {
  reading.shape.implied |= kArray;
  lower(reading.shape.max_items, reading.count());
}

}  // namespace aurora::constrain
