// JSON schemas: what they accept, and that random walks end in texts that an independent
// validator accepts.
#include <gtest/gtest.h>

#include <regex>

#include "aurora/constrain/test_validator.h"
#include "aurora/constrain/testing.h"

namespace aurora::constrain {
namespace {

std::shared_ptr<const Grammar> schema(std::string_view text, Whitespace whitespace = Whitespace::kBounded) {
  return Grammar::from_json_schema(text, test_vocabulary(), whitespace);
}

void expect_texts(std::string_view text, const std::vector<std::string>& good,
                  const std::vector<std::string>& bad) {
  const auto grammar = schema(text);
  for (const std::string& each : good) EXPECT_TRUE(accepts(grammar, each)) << text << " and " << each;
  for (const std::string& each : bad) EXPECT_FALSE(accepts(grammar, each)) << text << " and " << each;
}

TEST(JsonSchema, Types) {
  expect_texts(R"({"type": "boolean"})", {"true", "false"}, {"null", "True", "\"true\""});
  expect_texts(R"({"type": "null"})", {"null"}, {"nul", "0"});
  expect_texts(R"({"type": ["integer", "null"]})", {"null", "-7"}, {"1.5", "\"\""});
  expect_texts(R"({"type": "integer"})", {"0", "-1", "123456789012345678"},
               {"01", "1.0", "1e3", "+1", "-", "-0"});
  expect_texts(R"({"type": "number"})", {"0", "-0.5", "1e9", "1.25E-3", "12"},
               {".5", "1.", "1e", "0x1", "NaN"});
  expect_texts(R"({"type": "string"})",
               {R"("")", R"("a\"\\\/\b\f\n\r\tb")", R"("\u00e9")", R"("\ud83d\ude00")", "\"\xe3\x81\x82\""},
               {"a", R"("a)", "\"\n\"", R"("\x")", R"("\ud83d")", R"("\ude00")", "\"\xe3\x81\"", R"("a"b")"});
  expect_texts("{}", {"1", "\"x\"", R"([1, {"a": [null]}])", "{}"}, {"", "{", "[1,]", R"({"a"})"});
  expect_texts("true", {"[[[]]]"}, {"x"});
}

TEST(JsonSchema, ObjectsKeepTheOrderOfTheSchema) {
  const char* const text =
      R"({"type": "object", "properties": {"b": {"type": "integer"}, "a": {"type": "string"},
                              "c": {"type": "null"}}, "required": ["b", "c"], "additionalProperties": false})";
  expect_texts(
      text, {R"({"b":1,"c":null})", R"({"b": 1, "a": "x", "c": null})", "{\n  \"b\": 1,\n  \"c\": null\n}"},
      {R"({"c":null,"b":1})", R"({"b":1})", R"({"b":1,"c":null,"d":1})", R"({"b":1,"a":"x"})", "{}",
       R"({"b":1,,"c":null})", R"({"b":1,"c":null,})", R"({,"b":1,"c":null})"});
}

TEST(JsonSchema, OptionalPropertiesMayAllBeLeftOut) {
  expect_texts(R"({"properties": {"a": {"type": "integer"}, "b": {"type": "integer"}}})",
               {"{}", R"({"a":1})", R"({"b":1})", R"({"a":1,"b":2})"},
               {R"({"b":1,"a":2})", R"({"x":1})", R"({"a":1,})"});
}

TEST(JsonSchema, AdditionalProperties) {
  expect_texts(R"({"type": "object", "properties": {"id": {"type": "integer"}}, "required": ["id"],
                   "additionalProperties": {"type": "boolean"}})",
               {R"({"id":1})", R"({"id":1,"x":true})", R"({"id":1,"i":true,"idx":false,"":true})"},
               {R"({"id":1,"id":true})", R"({"id":1,"x":1})", R"({"x":true})", R"({"id":1,"\u0069d":true})"});
  expect_texts(R"({"type": "object", "additionalProperties": {"type": "integer"}})",
               {"{}", R"({"a":1,"b":2})"}, {R"({"a":"x"})"});
  expect_texts(R"({"type": "object", "properties": {}})", {"{}"}, {R"({"a":1})"});
  expect_texts(R"({"type": "object"})", {"{}", R"({"a": {"b": []}})"}, {"[]"});
  expect_texts(R"({"type": "object", "required": ["x"]})", {R"({"x":[1]})", R"({"x":1,"y":2})"},
               {"{}", R"({"y":2})"});
}

TEST(JsonSchema, WhiteSpaceIsBounded) {
  const char* const text = R"({"type": "array", "items": {"type": "integer"}})";
  expect_texts(text, {"[]", "[1]", "[1,2]", "[1, 2]", "[ 1 ]", "[\n  1,\n  2\n]", "[ ]"},
               {"[1  ,2]", "[1,  2]", "[1 ,\t2]", " [1]", "[1] ", "[\n\n1]", "[\n                     1]"});
  const auto compact = schema(text, Whitespace::kCompact);
  EXPECT_TRUE(accepts(compact, "[1,2]"));
  EXPECT_FALSE(accepts(compact, "[1, 2]"));
}

TEST(JsonSchema, Arrays) {
  expect_texts(R"({"type": "array", "items": {"type": "integer"}, "minItems": 2, "maxItems": 3})",
               {"[1,2]", "[1,2,3]"}, {"[]", "[1]", "[1,2,3,4]", "[1,2,]"});
  expect_texts(R"({"type": "array", "minItems": 1})", {"[1]", "[{},[]]"}, {"[]"});
  expect_texts(R"({"type": "array", "maxItems": 0})", {"[]"}, {"[1]"});
  expect_texts(R"({"type": "array", "prefixItems": [{"type": "integer"}, {"type": "string"}]})",
               {"[]", "[1]", R"([1,"a"])"}, {R"(["a"])", R"([1,"a",2])"});
  expect_texts(
      R"({"type": "array", "prefixItems": [{"type": "integer"}], "items": {"type": "null"}, "minItems": 2})",
      {"[1,null]", "[1,null,null,null]"}, {"[1]", "[1,2]"});
  expect_texts(R"({"items": [{"type": "integer"}], "additionalItems": {"type": "null"}})", {"[1,null]", "[]"},
               {"[null]"});
}

TEST(JsonSchema, EnumAndConst) {
  expect_texts(R"({"enum": ["red", "green", 1, null, true, [1, {"a": 2}]]})",
               {R"("red")", R"("green")", "1", "null", "true", R"([1,{"a":2}])", R"([1, {"a": 2}])"},
               {R"("re")", R"("reds")", "2", "false", "[1]"});
  expect_texts(R"({"const": "x\"y\n"})", {R"("x\"y\n")"}, {R"("x")"});
  expect_texts(R"({"type": "string", "enum": ["a", 1, null]})", {R"("a")"}, {"1", "null"});
  expect_texts(R"({"type": "integer", "enum": [1, 5, 9], "minimum": 4})", {"5", "9"}, {"1"});
}

TEST(JsonSchema, AnyOfAndAllOf) {
  expect_texts(
      R"({"anyOf": [{"type": "integer"}, {"type": "object", "properties": {"a": {"type": "null"}}}]})",
      {"1", "{}", R"({"a":null})"}, {"\"\"", "[]"});
  expect_texts(R"({"type": "object", "properties": {"t": {"type": "integer"}}, "required": ["t"],
                   "anyOf": [{"properties": {"a": {"type": "null"}}, "required": ["a"]},
                             {"properties": {"b": {"type": "null"}}, "required": ["b"]}]})",
               {R"({"t":1,"a":null})", R"({"t":1,"b":null})"}, {R"({"t":1})", R"({"a":null})"});
  expect_texts(
      R"({"allOf": [{"type": "integer", "minimum": 3}, {"maximum": 5}, {"type": ["number", "string"]}]})",
      {"3", "5"}, {"2", "6", "3.5", "\"\""});
  expect_texts(
      R"({"allOf": [{"properties": {"a": {"type": "integer"}}}, {"properties": {"b": {"type": "null"}}}],
                   "required": ["a"]})",
      {R"({"a":1,"b":null})", R"({"a":1})"}, {"{}"});
  expect_texts(R"({"allOf": [{"properties": {"a": {"minimum": 2}}}, {"properties": {"a": {"maximum": 3}}}]})",
               {R"({"a":2})", R"({"a":3})"}, {R"({"a":4})", R"({"a":1})"});
}

TEST(JsonSchema, ReferencesAndRecursion) {
  expect_texts(R"({"$defs": {"p": {"type": "array", "items": {"$ref": "#/$defs/p"}}}, "$ref": "#/$defs/p"})",
               {"[]", "[[]]", "[[],[[],[]]]"}, {"[1]", "[[]", "[]]"});
  const char* const list = R"({"type": "object", "properties": {"value": {"type": "integer"},
        "next": {"anyOf": [{"$ref": "#"}, {"type": "null"}]}}, "required": ["value", "next"]})";
  expect_texts(list, {R"({"value":1,"next":null})", R"({"value":1,"next":{"value":2,"next":null}})"},
               {R"({"value":1})", R"({"value":1,"next":{}})"});
  expect_texts(R"({"properties": {"a~b/c": {"type": "null"}, "x": {"$ref": "#/properties/a~0b~1c"}}})",
               {R"({"x":null})"}, {R"({"x":1})"});
  // A circle through keywords beside the reference.
  expect_texts(R"({"type": "object", "properties": {"next": {"type": ["object", "null"], "description": "d",
                   "anyOf": [{"$ref": "#"}, {"type": "null"}]}}})",
               {"{}", R"({"next":null})", R"({"next":{"next":{}}})"}, {R"({"next":1})"});
}

TEST(JsonSchema, AmbiguousRecursionStaysSmall) {
  // At each level two readings: without shared stacks there would be 2^40 of them.
  const auto grammar = schema(R"({"$defs": {"n": {"anyOf": [
      {"type": "object", "properties": {"v": {"$ref": "#/$defs/n"}, "l": {"type": "null"}}, "required": ["v", "l"]},
      {"type": "object", "properties": {"v": {"$ref": "#/$defs/n"}, "r": {"type": "null"}}, "required": ["v", "r"]},
      {"type": "integer"}]}}, "$ref": "#/$defs/n"})");
  std::string text;
  for (int i = 0; i < 40; ++i) text += R"({"v":)";
  text += "1";
  for (int i = 0; i < 40; ++i) text += i % 3 == 0 ? R"(,"l":null})" : R"(,"r":null})";
  EXPECT_TRUE(accepts(grammar, text));
  text.back() = ']';
  EXPECT_FALSE(accepts(grammar, text));
}

TEST(JsonSchema, Strings) {
  expect_texts(R"({"type": "string", "minLength": 2, "maxLength": 3})",
               {R"("ab")", "\"\xe3\x81\x82\xf0\x9f\x98\x80\"", R"("\n\u0041c")", R"("\ud83d\ude00x")"},
               {R"("a")", R"("abcd")", R"("\u0041")"});
  expect_texts(R"({"minLength": 2})", {R"("ab")", R"("abcdef")"}, {R"("a")", "2"});
  expect_texts(R"({"type": "string", "pattern": "^[a-c]+$", "maxLength": 3})", {R"("abc")", R"("a")"},
               {R"("abca")", R"("d")", R"("")"});
  expect_texts(R"({"type": "string", "pattern": "b+"})", {R"("abba")", R"("b")"}, {R"("ac")"});
  expect_texts(R"({"type": "string", "pattern": "^\"\\\\$"})", {R"("\"\\")"}, {R"(""\")"});
}

TEST(JsonSchema, Formats) {
  expect_texts(R"({"format": "date"})", {R"("2024-02-29")", R"("1999-12-31")"},
               {R"("2023-02-29")", R"("1900-02-29")", R"("2024-04-31")", R"("0000-01-01")", R"("2024-1-1")"});
  expect_texts(R"({"type": "string", "format": "date-time"})",
               {R"("2024-05-01T12:00:00Z")", R"("2024-05-01T12:00:00.5+09:30")"},
               {R"("2024-05-01")", R"("2024-05-01T24:00:00Z")"});
  expect_texts(R"({"format": "time"})", {R"("23:59:59Z")"}, {R"("23:59")"});
  expect_texts(R"({"format": "uuid"})", {R"("123e4567-e89b-12d3-a456-426614174000")"}, {R"("123e4567")"});
  expect_texts(R"({"format": "email"})", {R"("a.b@example.org")"}, {R"("a@b")", R"("@example.org")"});
  expect_texts(R"({"format": "ipv4"})", {R"("192.168.0.255")"}, {R"("256.1.1.1")", R"("1.1.1")"});
  expect_texts(R"({"format": "ipv6"})", {R"("::")", R"("::1")", R"("fe80::1:2")", R"("1:2:3:4:5:6:7:8")"},
               {R"("1:2:3")", R"("1::2::3")", R"("1:2:3:4:5:6:7:8:9")"});
  expect_texts(R"({"format": "uri"})", {R"("https://example.org/a?b=c#d")"}, {R"("example.org")"});
  expect_texts(R"({"format": "duration"})", {R"("P1Y2M3DT4H5M6S")", R"("PT5M")", R"("P3W")"},
               {R"("P")", R"("PT")"});
  expect_texts(R"({"format": "hostname"})", {R"("a-b.example")"}, {R"("-a")"});
  expect_texts(R"({"type": "integer", "format": "int64"})", {"7"}, {"\"7\""});
}

TEST(JsonSchema, BoundsOfIntegersAreExact) {
  struct Case {
    int64_t low, high;
  };
  for (const auto& [low, high] : {Case{0, 9}, {-3, 12}, {5, 5}, {99, 1001}, {-250, -17}, {-1, 0}, {10, 99}}) {
    const auto grammar = schema("{\"type\":\"integer\",\"minimum\":" + std::to_string(low) +
                                ",\"maximum\":" + std::to_string(high) + "}");
    for (int64_t i = -1100; i <= 1100; ++i) {
      EXPECT_EQ(accepts(grammar, std::to_string(i)), low <= i && i <= high)
          << low << ".." << high << ": " << i;
    }
    EXPECT_FALSE(accepts(grammar, "05"));
  }
  expect_texts(R"({"type": "integer", "exclusiveMinimum": 3, "exclusiveMaximum": 6})", {"4", "5"},
               {"3", "6"});
  expect_texts(R"({"type": "integer", "minimum": 2.5})", {"3", "100"}, {"2", "-3"});
  expect_texts(R"({"type": "integer", "minimum": 0, "multipleOf": 7})", {"0", "7", "49", "7000007"},
               {"8", "-7"});
}

TEST(JsonSchema, BoundsOfNumbersAreExact) {
  expect_texts(R"({"type": "number", "minimum": 0, "maximum": 1})", {"0", "1", "0.5", "1.000", "0.00"},
               {"1.001", "-0.1", "2"});
  expect_texts(R"({"type": "number", "exclusiveMinimum": 0, "maximum": 0.25})",
               {"0.25", "0.250", "0.0001", "0.2"}, {"0", "0.0", "0.2501", "0.3", "1"});
  expect_texts(R"({"type": "number", "minimum": -1.5, "exclusiveMaximum": 10.25})",
               {"-1.5", "-1.25", "10", "10.2", "10.2499", "9.99"}, {"-1.51", "-2", "10.25", "10.250", "11"});
  expect_texts(R"({"minimum": 1e3})", {"1000", "1000.5", "123456"}, {"999.9", "99", "\"\""});
  expect_texts(R"({"type": "number", "multipleOf": 0.01})", {"1.25", "1", "-0.5"}, {"1.255"});
}

TEST(JsonSchema, MasksAreWhatTheAutomatonSays) {
  const auto grammar = schema(R"({"type": "object", "properties": {"name": {"type": "string", "maxLength": 4},
      "id": {"type": "integer"}, "tags": {"type": "array", "items": {"type": "string", "pattern": "^a+$"}},
      "next": {"$ref": "#"}}, "required": ["name"]})");
  for (const char* before :
       {"", "{", "{\"", "{\"na", "{\"name\"", "{\"name\":", "{\"name\": \"", "{\"name\": \"a",
        "{\"name\": \"aaaa", "{\"name\": \"\xe3\x81", "{\"name\": \"a\\", "{\"name\": \"\"",
        "{\"name\": \"\",", "{\"name\":\"\",\"id\":1", "{\"name\":\"\",\"tags\":[",
        "{\"name\":\"\",\"tags\":[\"", "{\"name\":\"\",\"tags\":[\"a",
        "{\"name\":\"\",\"next\":{\"name\":\"\"", "{\n  "}) {
    expect_exact_mask(grammar, before);
  }
  const auto any = Grammar::json_object(test_vocabulary());
  for (const char* before :
       {"", "{", "{\"a\":", "{\"a\":[", "{\"a\":[{\"b\":1", "{\"a\":[1,", "{\"a\":\"b", "{\"a\":{}"}) {
    expect_exact_mask(any, before);
  }
}

// A minimum and a maximum beyond the longest token: masks of counts far from them are shared, and exact.
TEST(JsonSchema, MasksOfLongStringsAreExactNearTheBounds) {
  const auto grammar = schema(R"({"minLength": 20, "maxLength": 40})");
  for (const size_t length : {0, 1, 10, 14, 15, 16, 17, 18, 19, 20, 21, 30, 35, 36, 37, 38, 39, 40}) {
    expect_exact_mask(grammar, "\"" + std::string(length, 'x'));
    if (length < 40) expect_exact_mask(grammar, "\"" + std::string(length, 'x') + "\xe3\x81");
  }
}

TEST(JsonObject, IsAnyObject) {
  const auto grammar = Grammar::json_object(test_vocabulary());
  for (const char* text : {"{}", R"({"a": [1, 2.5, {"b": null}], "c": "x"})"})
    EXPECT_TRUE(accepts(grammar, text)) << text;
  for (const char* text : {"[]", "1", R"({"a":})", R"({"a":1)"}) EXPECT_FALSE(accepts(grammar, text)) << text;
  Matcher matcher(grammar);
  ASSERT_TRUE(matcher.advance_text("{}"));
  EXPECT_TRUE(matcher.finished());
}

bool search(const std::string& regex, const std::string& text) {
  return std::regex_search(text, std::regex(regex, std::regex::ECMAScript));
}

TEST(JsonSchema, RandomWalksEndInTextsThatTheValidatorAccepts) {
  Dice dice(2);
  for (
      const char* text : {
          R"({})",
          R"({"type": "object", "properties": {"name": {"type": "string"}, "age": {"type": "integer", "minimum": 0,
               "maximum": 150}, "tags": {"type": "array", "items": {"enum": ["a", "b", 3]}, "maxItems": 3}},
               "required": ["name"], "additionalProperties": {"type": "boolean"}})",
          R"({"$defs": {"tree": {"type": "object", "properties": {"v": {"type": "number", "minimum": -1.5,
               "exclusiveMaximum": 2.25}, "kids": {"type": "array", "items": {"$ref": "#/$defs/tree"}}},
               "required": ["v"], "additionalProperties": false}}, "$ref": "#/$defs/tree"})",
          R"({"anyOf": [{"type": "string", "pattern": "^[ab]{2,5}$"}, {"type": "array", "prefixItems":
               [{"type": "null"}, {"type": "integer"}], "items": false, "minItems": 1}, {"allOf": [{"type": "object",
               "properties": {"k": {"type": "string"}}, "required": ["k"]}, {"properties": {"k": {"minLength": 2,
               "maxLength": 4}}}]}]})",
          R"({"type": "array", "items": {"type": ["string", "integer", "null"], "minLength": 3, "multipleOf": 5},
               "minItems": 2, "maxItems": 5})",
      }) {
    const auto grammar = schema(text);
    const TestValidator validator(text, search);
    for (int i = 0; i < 30; ++i) {
      const std::string walk = random_walk(grammar, dice, 20);
      EXPECT_TRUE(validator.accepts(walk)) << text << ": " << walk;
    }
  }
}

}  // namespace
}  // namespace aurora::constrain
