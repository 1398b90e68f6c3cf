// A keyword of a schema as it is being read into a Shape; what the sources that know the keywords share.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "aurora/constrain/schema_shape.h"

namespace aurora::constrain {

// Refers to everything.
struct Reading {
  Shape& shape;
  const SchemaDocument& document;
  const SchemaPlace& place;  // the schema that holds the keyword
  const std::string& key;
  const SchemaJson& value;
  const std::vector<const SchemaJson*>& around;  // schemas that are being read

  std::string path() const;
  [[noreturn]] void refuse(const std::string& what) const;
  SchemaPlace child() const;
  // The value as each kind that keywords have; Error: it is another.
  std::vector<SchemaPlace> children() const;
  int64_t count() const;  // at most 1e9
  std::string text() const;
};

// Keeps the smaller one; a limit below 0 is none.
void lower(int64_t& limit, int64_t count);

// Keywords of objects and arrays.
void absorb_properties(const Reading& reading);
void absorb_additional(const Reading& reading);
void absorb_required(const Reading& reading);
void absorb_items(const Reading& reading);
void absorb_prefix_items(const Reading& reading);
void absorb_additional_items(const Reading& reading);
void absorb_min_items(const Reading& reading);
void absorb_max_items(const Reading& reading);

}  // namespace aurora::constrain
