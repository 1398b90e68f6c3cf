// JSON schemas that are refused: what is not supported, contradicts itself or is too large, and where.
#include <gtest/gtest.h>

#include "aurora/base/error.h"
#include "aurora/constrain/testing.h"

namespace aurora::constrain {
namespace {

void expect_refused(std::string_view text, const std::string& happened, const std::string& where) {
  try {
    Grammar::from_json_schema(text, test_vocabulary());
    ADD_FAILURE() << text.substr(0, 200) << " is not refused";
  } catch (const Error& error) {
    EXPECT_NE(error.happened().find(happened), std::string::npos)
        << text.substr(0, 200) << ": " << error.happened();
    EXPECT_EQ(error.where(), where) << text.substr(0, 200);
  }
}

TEST(JsonSchemaRefusal, WhatIsNotSupportedIsRefusedByNameAndPath) {
  expect_refused(R"({"properties": {"a/b": {"not": {}}}})", "keyword not", "schema#/properties/a~1b/not");
  expect_refused(R"({"items": {"if": {}}})", "keyword if", "schema#/items/if");
  expect_refused(R"({"uniqueItems": true})", "keyword uniqueItems", "schema#/uniqueItems");
  expect_refused(R"({"patternProperties": {}})", "keyword patternProperties", "schema#/patternProperties");
  expect_refused(R"({"format": "iri"})", "format iri", "schema#/format");
  expect_refused(R"({"type": "text"})", "no such type", "schema#/type");
  expect_refused(R"({"$ref": "other.json"})", "other.json", "schema#/$ref");
  expect_refused(R"({"$ref": "#/$defs/x"})", "leads nowhere", "schema#/$ref");
  expect_refused("{\"anyOf\": [{\"type\": \"null\"}, {\"pattern\": \"a(?=b)\"}]}", "look-ahead",
                 "schema#/anyOf/1/pattern@1");
  expect_refused(R"({"multipleOf": 0.3})", "multipleOf", "schema#/multipleOf");
  expect_refused("{", "no JSON", "schema@2");
  expect_refused("[]", "a schema is", "schema#");
}

TEST(JsonSchemaRefusal, ContradictionsAreRefused) {
  expect_refused(R"({"minLength": 3, "maxLength": 2})", "minLength", "schema#");
  expect_refused(R"({"properties": {"a": {"type": "integer", "minimum": 3, "maximum": 2}}})", "no number",
                 "schema#/properties/a");
  expect_refused(R"({"minItems": 3, "maxItems": 2})", "minItems", "schema#");
  expect_refused(R"({"allOf": [{"type": "string"}, {"type": "null"}]})", "no text is possible", "schema#");
  expect_refused(R"({"properties": {"a": false}, "required": ["a"]})", "required property a", "schema#");
  expect_refused(R"({"$ref": "#"})", "refers to itself", "schema#");
  expect_refused(R"({"anyOf": [{"$ref": "#"}, {"type": "null"}]})", "refers to itself", "schema#");
  // Never ends.
  expect_refused(R"({"properties": {"a": {"$ref": "#"}}, "required": ["a"]})", "no text is possible",
                 "schema#");
}

TEST(JsonSchemaRefusal, WhatIsTooLargeIsRefusedQuickly) {
  expect_refused(R"({"maxLength": 1000000})", "too large", "schema#");
  expect_refused(R"({"items": {"type": "integer"}, "maxItems": 1000000000})", "too large", "schema#");
  std::string deep;
  for (int i = 0; i < 10000; ++i) deep += R"({"items":)";
  expect_refused(deep, "nested more than", "schema@576");
  std::string wide = R"({"type":"object",)";
  for (int i = 0; i < 14; ++i) {
    wide += "\"anyOf\":[";
    for (int j = 0; j < 6; ++j) wide += R"({"type":"object","allOf":[{"oneOf":[{},{}]}]},)";
    wide.back() = ']';
    wide += i < 13 ? ",\"allOf\":[{" : "";
  }
  for (int i = 0; i < 13; ++i) wide += "}]";
  wide += "}";
  expect_refused(wide, "too many combinations", "schema#");
}

}  // namespace
}  // namespace aurora::constrain
