// What one or several schemas that must hold at once ask of a value: allOf, and a $ref with keywords beside
// it, are nothing else. Reading a schema into a shape is where each keyword is known, or refused by name.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "aurora/constrain/number.h"
#include "aurora/constrain/schema_document.h"

namespace aurora::constrain {

// Types as bits. JSON Schema's "number" is kInteger | kFraction.
using TypeSet = uint32_t;
constexpr TypeSet kObject = 1;
constexpr TypeSet kArray = 2;
constexpr TypeSet kString = 4;
constexpr TypeSet kFraction = 8;
constexpr TypeSet kInteger = 16;
constexpr TypeSet kBoolean = 32;
constexpr TypeSet kNull = 64;
constexpr TypeSet kNumber = kInteger | kFraction;
constexpr TypeSet kAnyType = 127;
TypeSet type_of(const SchemaJson& value);

struct ObjectPart {  // of one schema
  const SchemaJson* owner;
  bool lists = false;  // has `properties`, even if there are none in it
  std::vector<std::pair<std::string, SchemaPlace>> properties{};
  std::optional<SchemaPlace> additional{};
};

struct ArrayPart {
  const SchemaJson* owner;
  std::vector<SchemaPlace> prefix{};
  std::optional<SchemaPlace> rest{};
};

struct TextPattern {
  std::string regex;
  bool whole;  // a format; else a pattern, which may match anywhere
  std::string path;
};

struct Alternatives {  // anyOf, oneOf
  std::vector<SchemaPlace> places;
  std::vector<const SchemaJson*> around;  // schemas that are being read: one of them again is a circle
};

struct Shape {
  std::string path;  // of the first schema
  bool never = false;
  TypeSet types = kAnyType;
  bool typed = false;                                // some `type` was there
  TypeSet implied = 0;                               // types that other keywords speak of
  std::optional<std::vector<SchemaPlace>> values{};  // enum, const
  NumberRange range{};
  int64_t divisor = 1;
  int64_t min_length = 0;
  int64_t max_length = -1;  // -1: no limit
  std::vector<TextPattern> patterns{};
  std::vector<ObjectPart> objects{};
  std::vector<std::string> required{};
  std::vector<ArrayPart> arrays{};
  int64_t min_items = 0;
  int64_t max_items = -1;
  std::vector<Alternatives> alternatives{};
  std::vector<const SchemaJson*> seen{};

  // The types that a value may have.
  TypeSet allowed_types() const;
  // Nothing is asked but one choice between schemas.
  bool is_choice() const;
  // Nothing is asked at all.
  bool is_free() const;
  // An enum's value against everything else that is asked of it but the patterns. Error: objects and arrays
  // against more than their type.
  bool fits(const SchemaPlace& value) const;
};

// Adds what the schema at `place` asks. `around`: schemas that are being read. Error: a keyword that is not
// supported, or has a wrong value; a reference that comes back to itself.
void absorb(Shape& shape, const SchemaDocument& document, const SchemaPlace& place,
            std::vector<const SchemaJson*> around = {});
// The schema is nothing but a reference (and words that ask nothing).
bool is_reference(const SchemaPlace& place);

}  // namespace aurora::constrain
