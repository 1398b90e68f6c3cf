#include "aurora/serve/fields.h"

#include <nlohmann/json.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "aurora/serve/api_error.h"

namespace aurora::serve {
namespace {

using ::testing::HasSubstr;

template <typename Fn>
std::string refusal(const Fn& fn) {
  try {
    fn();
  } catch (const ApiError& error) {
    return error.code() + ": " + error.what();
  }
  return "";
}

TEST(Fields, ReadsNumbersTextsAndAbsence) {
  const Json body = parse_body(R"({"a": 1.5, "n": 3, "t": "x", "b": true, "z": null})");
  Fields fields(body);
  EXPECT_EQ(fields.number("a", 0, 2), 1.5);
  EXPECT_EQ(fields.integer("n", 0, 5), 3);
  EXPECT_EQ(fields.text("t"), "x");
  EXPECT_EQ(fields.boolean("b"), true);
  EXPECT_EQ(fields.number("z", 0, 2), std::nullopt);
  EXPECT_EQ(fields.text("missing"), std::nullopt);
  fields.finish();
}

TEST(Fields, NamesTheFieldAndItsPath) {
  const Json body =
      parse_body(R"({"temperature": 3, "top": {"k": 1.5}, "s": 4, "huge": 18446744073709551615})");
  Fields fields(body);
  EXPECT_THAT(refusal([&] { fields.number("temperature", 0, 2); }),
              HasSubstr("'temperature' is no number from 0 to 2"));
  EXPECT_THAT(refusal([&] { fields.text("s"); }), HasSubstr("'s' is no text"));
  EXPECT_THAT(refusal([&] { fields.integer("huge", 0, INT64_MAX); }), HasSubstr("'huge'"));
  EXPECT_THAT(refusal([&] { fields.required("model"); }), HasSubstr("'model' is missing"));
  Fields top(fields.required("top"), "top");
  EXPECT_THAT(refusal([&] { top.integer("k", 0, 9); }), HasSubstr("'top.k'"));
}

TEST(Fields, AnUnknownFieldIsRefusedWithTheNearestName) {
  const Json body = parse_body(R"({"temprature": 1})");
  Fields fields(body);
  fields.number("temperature", 0, 2);
  EXPECT_THAT(refusal([&] { fields.finish(); }), HasSubstr("did you mean 'temperature'?"));
}

TEST(Fields, BodiesThatAreNoObjectsAreRefused) {
  for (const char* body : {"", "{", "[1]", "\"text\"", "{\"a\":}", "{\"a\": 1e999}", "{\"a\": \"\xff\"}"})
    EXPECT_THAT(refusal([&] { parse_body(body); }), HasSubstr("invalid_json")) << body;
  EXPECT_THAT(
      refusal([&] { parse_body("{\"a\":" + std::string(100'000, '[') + std::string(100'000, ']') + "}"); }),
      HasSubstr("nested deeper"));
}

}  // namespace
}  // namespace aurora::serve
