// A JSON schema into a Machine. Schemas that a $ref names, or that come back to themselves, become rules; all
// else is laid out where it stands. Several schemas that must hold at once are one list of places.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "aurora/constrain/json_parts.h"
#include "aurora/constrain/schema_document.h"
#include "aurora/constrain/schema_shape.h"
#include "aurora/constrain/text_dfa.h"

namespace aurora::constrain {

class SchemaCompiler {
 public:
  // Both must outlive it.
  SchemaCompiler(JsonParts& parts, const SchemaDocument& document);

  // Adds everything that the document's root needs, between two states. Error: what is not supported.
  void add_root(StateId from, StateId to);

 private:
  using Places = std::vector<SchemaPlace>;
  using PlacesKey = std::vector<const SchemaJson*>;

  RuleId rule_of(const Places& places);
  void add_value(Places places, StateId from, StateId to);
  void add_shape(Shape shape, StateId from, StateId to);
  void add_choice(Shape shape, StateId from, StateId to);
  bool matches_patterns(const Shape& shape, const std::string& text);
  void add_values(const Shape& shape, StateId from, StateId to);
  void add_constant(const SchemaJson& value, StateId from, StateId to);
  void add_number(const Shape& shape, TypeSet types, StateId from, StateId to);
  void add_string(const Shape& shape, StateId from, StateId to);
  void add_object(const Shape& shape, StateId from, StateId to);
  void add_array(const Shape& shape, StateId from, StateId to);

  struct Property {
    std::string name;
    Places places;
    bool required;
  };
  std::vector<Property> properties_of(const Shape& shape) const;
  void add_items(const Shape& shape, const Places& rest, StateId from, StateId to);
  const TextDfa& dfa_of(const std::string& regex, bool whole, const std::string& where);

  JsonParts& parts_;
  MachineBuilder& machine_;
  const SchemaDocument& document_;
  std::map<PlacesKey, RuleId> rules_;
  std::vector<std::pair<RuleId, Places>> waiting_;  // rules without a body yet
  std::vector<PlacesKey> open_;                     // being laid out
  std::map<std::pair<std::string, bool>, TextDfa> dfas_;
  Work work_;
  size_t shapes_ = 0;
};

}  // namespace aurora::constrain
