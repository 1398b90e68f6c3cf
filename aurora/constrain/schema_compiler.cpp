#include "aurora/constrain/schema_compiler.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "aurora/constrain/regex.h"
#include "aurora/constrain/spell.h"

namespace aurora::constrain {
namespace {

constexpr size_t kMaxShapes = 1 << 14;
constexpr size_t kMaxOpen = 256;

// References followed, doubles and `true` left out, in a fixed order.
std::vector<SchemaPlace> simplify(std::vector<SchemaPlace> places, const SchemaDocument& document) {
  std::vector<SchemaPlace> kept;
  for (SchemaPlace& place : places) {
    for (size_t steps = 0; is_reference(place); ++steps) {
      if (steps > kMaxOpen) refuse_schema("refers to itself with nothing between", place.path);
      const SchemaJson& reference = place.json->at("$ref");
      if (!reference.is_string()) refuse_schema("$ref is no string", place.path);
      place = document.resolve(reference.get<std::string>(), place);
    }
    const bool asks_nothing = place.json->is_boolean() && place.json->get<bool>();
    const bool is_double =
        std::any_of(kept.begin(), kept.end(), [&](const auto& each) { return each.json == place.json; });
    if (!asks_nothing && !is_double) kept.push_back(std::move(place));
  }
  return kept;
}

std::vector<const SchemaJson*> key_of(const std::vector<SchemaPlace>& places) {
  std::vector<const SchemaJson*> key;
  for (const SchemaPlace& place : places) key.push_back(place.json);
  return key;
}

}  // namespace

SchemaCompiler::SchemaCompiler(JsonParts& parts, const SchemaDocument& document)
    : parts_(parts), machine_(parts.machine()), document_(document) {}

void SchemaCompiler::add_root(StateId from, StateId to) {
  machine_.add_call(from, rule_of({document_.root()}), to);
  while (!waiting_.empty()) {
    const auto [rule, places] = std::move(waiting_.back());
    waiting_.pop_back();
    Shape shape;
    for (const SchemaPlace& place : places) absorb(shape, document_, place);
    open_ = {key_of(places)};
    add_shape(std::move(shape), machine_.start(rule), machine_.end(rule));
  }
}

RuleId SchemaCompiler::rule_of(const Places& given) {
  const Places places = simplify(given, document_);
  if (places.empty()) return parts_.any_value();
  const auto [entry, is_new] = rules_.emplace(key_of(places), 0);
  if (is_new) {
    entry->second = machine_.add_rule(places[0].path);
    waiting_.emplace_back(entry->second, places);
  }
  return entry->second;
}

void SchemaCompiler::add_value(Places given, StateId from, StateId to) {
  const bool by_reference = std::any_of(given.begin(), given.end(), is_reference);
  const Places places = simplify(std::move(given), document_);
  PlacesKey key = key_of(places);
  const bool returns = std::find(open_.begin(), open_.end(), key) != open_.end();
  if (by_reference || returns || places.empty() || open_.size() > kMaxOpen) {
    machine_.add_call(from, rule_of(places), to);
    return;
  }
  Shape shape;
  for (const SchemaPlace& place : places) absorb(shape, document_, place);
  open_.push_back(std::move(key));
  add_shape(std::move(shape), from, to);
  open_.pop_back();
}

void SchemaCompiler::add_shape(Shape shape, StateId from, StateId to) {
  if (++shapes_ > kMaxShapes) refuse_schema("too many combinations of alternatives", shape.path);
  if (shape.never) return;
  if (!shape.alternatives.empty()) return add_choice(std::move(shape), from, to);
  if (shape.values) return add_values(shape, from, to);
  if (shape.is_free()) {
    machine_.add_call(from, parts_.any_value(), to);
    return;
  }
  const TypeSet types = shape.allowed_types();
  if ((types & kNull) != 0) machine_.add_free(machine_.add_text(from, "null"), to);
  if ((types & kBoolean) != 0) {
    machine_.add_free(machine_.add_text(from, "true"), to);
    machine_.add_free(machine_.add_text(from, "false"), to);
  }
  if ((types & kNumber) != 0) add_number(shape, types, from, to);
  if ((types & kString) != 0) add_string(shape, from, to);
  if ((types & kObject) != 0) add_object(shape, from, to);
  if ((types & kArray) != 0) add_array(shape, from, to);
}

void SchemaCompiler::add_choice(Shape shape, StateId from, StateId to) {
  const bool bare = shape.is_choice();
  const Alternatives choice = std::move(shape.alternatives.back());
  shape.alternatives.pop_back();
  if (choice.places.empty()) refuse_schema("no alternatives", shape.path);
  for (const SchemaPlace& place : choice.places) {
    if (bare) {
      add_value({place}, from, to);
      continue;
    }
    Shape one = shape;
    absorb(one, document_, place, choice.around);
    add_shape(std::move(one), from, to);
  }
}

bool SchemaCompiler::matches_patterns(const Shape& shape, const std::string& text) {
  return std::all_of(shape.patterns.begin(), shape.patterns.end(), [&](const TextPattern& pattern) {
    return dfa_of(pattern.regex, pattern.whole, pattern.path).accepts(text);
  });
}

void SchemaCompiler::add_values(const Shape& shape, StateId from, StateId to) {
  std::vector<std::string> words;
  for (const SchemaPlace& value : *shape.values) {
    if (!shape.fits(value)) continue;
    if (value.json->is_string() && !matches_patterns(shape, value.json->get<std::string>())) continue;
    if (value.json->is_structured()) {
      add_constant(*value.json, from, to);
    } else {
      words.push_back(value.json->dump());
    }
  }
  if (!words.empty()) spell(machine_, one_of(words, shape.path), Spelling::kPlain, from, to);
}

void SchemaCompiler::add_constant(const SchemaJson& value, StateId from, StateId to) {
  if (!value.is_structured()) {
    machine_.add_free(machine_.add_text(from, value.dump()), to);
    return;
  }
  const bool is_object = value.is_object();
  StateId at = machine_.add_text(from, is_object ? "{" : "[");
  for (auto item = value.begin(); item != value.end(); ++item) {
    at = item == value.begin() ? parts_.add_break(at) : parts_.add_comma(at);
    if (is_object) at = parts_.add_colon(machine_.add_text(at, SchemaJson(item.key()).dump()));
    const StateId behind = machine_.add_state();
    add_constant(*item, at, behind);
    at = behind;
  }
  if (!value.empty()) at = parts_.add_break(at);
  machine_.add_free(machine_.add_text(at, is_object ? "}" : "]"), to);
}

void SchemaCompiler::add_number(const Shape& shape, TypeSet types, StateId from, StateId to) {
  NumberRange range = shape.range;
  if ((types & kFraction) == 0) range.max_fraction = 0;
  TextDfa dfa = number_dfa(range, work_, shape.path);
  if (shape.divisor > 1) {
    work_.spend(static_cast<size_t>(shape.divisor) * 10, shape.path);
    dfa = intersection(dfa, multiples_of(shape.divisor), work_, shape.path);
  }
  if (dfa.accepts_nothing()) refuse_schema("no number is within the bounds", shape.path);
  spell(machine_, dfa, Spelling::kPlain, from, to);
}

const TextDfa& SchemaCompiler::dfa_of(const std::string& regex, bool whole, const std::string& where) {
  const auto known = dfas_.find({regex, whole});
  if (known != dfas_.end()) return known->second;
  TextDfa dfa = compile_regex(regex, whole ? RegexMatch::kWhole : RegexMatch::kSearch, work_, where);
  return dfas_.emplace(std::pair(regex, whole), std::move(dfa)).first->second;
}

void SchemaCompiler::add_string(const Shape& shape, StateId from, StateId to) {
  if (shape.max_length >= 0 && shape.min_length > shape.max_length) {
    refuse_schema("minLength is above maxLength", shape.path);
  }
  if (shape.patterns.empty()) {
    machine_.add_free(parts_.add_string(from, shape.min_length, shape.max_length), to);
    return;
  }
  TextDfa dfa = dfa_of(shape.patterns[0].regex, shape.patterns[0].whole, shape.patterns[0].path);
  for (size_t i = 1; i < shape.patterns.size(); ++i) {
    const TextPattern& pattern = shape.patterns[i];
    dfa = intersection(dfa, dfa_of(pattern.regex, pattern.whole, pattern.path), work_, pattern.path);
  }
  if (shape.min_length > 0 || shape.max_length >= 0) {
    dfa =
        intersection(dfa, text_of_length(shape.min_length, shape.max_length, shape.path), work_, shape.path);
  }
  if (dfa.accepts_nothing()) refuse_schema("no string fulfils the patterns and lengths", shape.path);
  const StateId close = machine_.add_state();
  spell(machine_, dfa, Spelling::kJsonString, machine_.add_text(from, "\""), close);
  machine_.add_free(machine_.add_text(close, "\""), to);
}

}  // namespace aurora::constrain
