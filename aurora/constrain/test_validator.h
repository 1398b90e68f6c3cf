// A plain JSON-schema validator for tests, written against the specification and apart from the compiler: of
// the keywords that the compiler supports, oneOf taken as anyOf.
#pragma once

#include <cmath>
#include <functional>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>
#include <string_view>

namespace aurora::constrain {

class TestValidator {
 public:
  using Json = nlohmann::json;
  // Whether a regular expression matches somewhere in a text.
  using Search = std::function<bool(const std::string& regex, const std::string& text)>;

  TestValidator(std::string_view schema, Search search)
      : root_(Json::parse(schema)), search_(std::move(search)) {}

  bool accepts(std::string_view text) const {
    const Json value = Json::parse(text, nullptr, false);
    return !value.is_discarded() && valid(root_, value);
  }

 private:
  static bool is_integer(const Json& value) {
    return value.is_number_integer() ||
           (value.is_number() && value.get<double>() == std::floor(value.get<double>()));
  }

  static bool has_type(const std::string& type, const Json& value) {
    if (type == "object") return value.is_object();
    if (type == "array") return value.is_array();
    if (type == "string") return value.is_string();
    if (type == "number") return value.is_number();
    if (type == "integer") return is_integer(value);
    if (type == "boolean") return value.is_boolean();
    return type == "null" && value.is_null();
  }

  static int64_t length(const std::string& text) {
    int64_t count = 0;
    for (const char c : text) count += (c & 0xc0) != 0x80 ? 1 : 0;
    return count;
  }

  bool valid(const Json& schema, const Json& value) const {
    if (schema.is_boolean()) return schema.get<bool>();
    const Nesting nesting(*this);
    return valid_any(schema, value) && valid_parts(schema, value) && valid_number(schema, value) &&
           valid_string(schema, value) && valid_object(schema, value) && valid_array(schema, value);
  }

  bool valid_any(const Json& schema, const Json& value) const {
    if (schema.contains("type")) {
      const Json& type = schema["type"];
      bool found = value.is_null() && schema.value("nullable", Json(false)) == true;
      if (type.is_string()) found |= has_type(type, value);
      if (type.is_array()) {
        for (const Json& each : type) found |= has_type(each, value);
      }
      if (!found) return false;
    }
    if (schema.contains("const") && schema["const"] != value) return false;
    if (!schema.contains("enum")) return true;
    for (const Json& each : schema["enum"]) {
      if (each == value) return true;
    }
    return false;
  }

  bool valid_parts(const Json& schema, const Json& value) const {
    if (schema.contains("$ref")) {
      const std::string reference = schema["$ref"];
      if (!valid(root_.at(Json::json_pointer(reference.substr(1))), value)) return false;
    }
    if (schema.contains("allOf")) {
      for (const Json& each : schema["allOf"]) {
        if (!valid(each, value)) return false;
      }
    }
    for (const char* key : {"anyOf", "oneOf"}) {
      if (!schema.contains(key)) continue;
      bool found = false;
      for (const Json& each : schema[key]) found = found || valid(each, value);
      if (!found) return false;
    }
    return true;
  }

  using Number = long double;  // holds 64-bit integers
  static Number number_of(const Json& value) {
    if (value.is_number_unsigned()) return static_cast<Number>(value.get<uint64_t>());
    if (value.is_number_integer()) return static_cast<Number>(value.get<int64_t>());
    return static_cast<Number>(value.get<double>());
  }

  static bool valid_number(const Json& schema, const Json& value) {
    if (!value.is_number()) return true;
    const Number number = number_of(value);
    // Digits that a double rounds away may have kept a fraction below an exclusive bound.
    const bool rounded = value.is_number_float();
    if (schema.contains("minimum") && number < number_of(schema["minimum"])) return false;
    if (schema.contains("maximum") && number > number_of(schema["maximum"])) return false;
    if (schema.contains("exclusiveMinimum") && !schema["exclusiveMinimum"].is_boolean() &&
        (rounded ? number < number_of(schema["exclusiveMinimum"])
                 : number <= number_of(schema["exclusiveMinimum"]))) {
      return false;
    }
    if (schema.contains("exclusiveMaximum") && !schema["exclusiveMaximum"].is_boolean() &&
        (rounded ? number > number_of(schema["exclusiveMaximum"])
                 : number >= number_of(schema["exclusiveMaximum"]))) {
      return false;
    }
    if (schema.contains("multipleOf")) {
      const double step = schema["multipleOf"].get<double>();
      if (step < 1) return true;  // rounding decides
      if (!value.is_number_integer()) return std::fmod(value.get<double>(), step) == 0;
      if (value.get<int64_t>() % static_cast<int64_t>(step) != 0) return false;
    }
    return true;
  }

  bool valid_string(const Json& schema, const Json& value) const {
    if (!value.is_string()) return true;
    const std::string& text = value.get_ref<const std::string&>();
    if (schema.contains("minLength") && static_cast<double>(length(text)) < schema["minLength"].get<double>())
      return false;
    if (schema.contains("maxLength") && static_cast<double>(length(text)) > schema["maxLength"].get<double>())
      return false;
    return !schema.contains("pattern") || search_(schema["pattern"], text);
  }

  bool valid_object(const Json& schema, const Json& value) const {
    if (!value.is_object()) return true;
    for (const auto& [key, member] : value.items()) {
      if (schema.contains("properties") && schema["properties"].contains(key)) {
        if (!valid(schema["properties"][key], member)) return false;
      } else if (schema.contains("additionalProperties")) {
        if (!valid(schema["additionalProperties"], member)) return false;
      }
    }
    if (!schema.contains("required")) return true;
    for (const Json& name : schema["required"]) {
      if (!value.contains(name.get<std::string>())) return false;
    }
    return true;
  }

  bool valid_array(const Json& schema, const Json& value) const {
    if (!value.is_array()) return true;
    const auto size = static_cast<double>(value.size());
    if (schema.contains("minItems") && size < schema["minItems"].get<double>()) return false;
    if (schema.contains("maxItems") && size > schema["maxItems"].get<double>()) return false;
    const bool draft7 = schema.contains("items") && schema["items"].is_array();
    const char* const prefix = draft7 ? "items" : "prefixItems";
    const char* const rest = draft7 ? "additionalItems" : "items";
    for (size_t i = 0; i < value.size(); ++i) {
      if (schema.contains(prefix) && i < schema[prefix].size()) {
        if (!valid(schema[prefix][i], value[i])) return false;
      } else if (schema.contains(rest) && !valid(schema[rest], value[i])) {
        return false;
      }
    }
    return true;
  }

  // Schemas that refer to themselves for ever are not for this validator.
  struct Nesting {
    explicit Nesting(const TestValidator& validator) : depth(validator.depth_) {
      if (++depth > 1000) throw std::domain_error("nested too deep");
    }
    ~Nesting() { --depth; }
    int& depth;
  };

  Json root_;
  Search search_;
  mutable int depth_ = 0;
};

}  // namespace aurora::constrain
