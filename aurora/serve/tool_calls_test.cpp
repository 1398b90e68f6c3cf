#include "aurora/serve/tool_calls.h"

#include <nlohmann/json.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "aurora/serve/api_error.h"

namespace aurora::serve {
namespace {

using ::testing::HasSubstr;

ToolUse weather() {
  static const Json body = Json::parse(R"({"tools": [{"type": "function", "function": {"name": "weather",
      "parameters": {"type": "object", "properties": {"city": {"type": "string"}}}}}]})");
  Fields fields(body);
  return read_tools(fields);
}

// The text and the calls, whatever pieces the text comes in.
std::string read(std::string_view text, size_t piece_bytes, const char* style = "") {
  const ToolUse use = weather();
  ToolCallReader reader(tool_format(style), use);
  std::string words, calls;
  const auto take = [&](const ToolCallReader::Piece& piece) {
    words += piece.text;
    for (const ToolCall& call : piece.calls) calls += call.name + call.arguments + ";";
  };
  for (size_t at = 0; at < text.size(); at += piece_bytes) take(reader.push(text.substr(at, piece_bytes)));
  take(reader.finish());
  return words + "|" + calls;
}

TEST(ToolCallReader, TellsCallsFromWordsInPiecesOfAnySize) {
  const std::string hermes =
      "Let me see. <tool_call>\n{\"name\": \"weather\", \"arguments\": {\"city\": \"a}b\\\"\"}}\n</tool_call>"
      "<tool_call>{\"name\": \"weather\", \"arguments\": {}}</tool_call>";
  const std::string mistral = "[TOOL_CALLS] [{\"name\": \"weather\", \"arguments\": {\"city\": \"x\"}}]";
  const std::string llama = "<|python_tag|>{\"name\": \"weather\", \"parameters\": {\"city\": \"x\"}}";
  for (size_t bytes : {1, 2, 3, 7, 1000}) {
    EXPECT_EQ(read(hermes, bytes), "Let me see. |weather{\"city\":\"a}b\\\"\"};weather{};") << bytes;
    EXPECT_EQ(read(mistral, bytes, "[TOOL_CALLS]"), "|weather{\"city\":\"x\"};") << bytes;
    EXPECT_EQ(read(llama, bytes, "<|python_tag|>"), "|weather{\"city\":\"x\"};") << bytes;
  }
}

TEST(ToolCallReader, WhatIsNoCallStaysText) {
  for (const char* text : {"a < b <tool", "<tool_call>{\"name\": \"other\", \"arguments\": {}}</tool_call>",
                           "<tool_call>not JSON", "<tool_call>{\"name\": \"weather\", \"argu"})
    for (size_t bytes : {1, 5, 1000}) EXPECT_EQ(read(text, bytes), std::string(text) + "|") << text << bytes;
}

TEST(ReadTools, RefusesWhatCannotBeCalled) {
  const auto refusal = [](const char* text) -> std::string {
    const Json body = Json::parse(text);
    Fields fields(body);
    try {
      read_tools(fields);
    } catch (const ApiError& error) {
      return error.param() + ": " + error.what();
    }
    return "";
  };
  EXPECT_THAT(refusal(R"({"tools": [{"type": "retrieval"}]})"), HasSubstr("tools[0].type"));
  EXPECT_THAT(refusal(R"({"tools": [{"type": "function", "function": {"name": "a b"}}]})"),
              HasSubstr("tools[0].function.name"));
  EXPECT_THAT(refusal(R"({"tool_choice": "required"})"), HasSubstr("there are no tools"));
  EXPECT_THAT(
      refusal(
          R"({"tools": [{"type": "function", "name": "f"}], "tool_choice": {"type": "function", "name": "g"}})"),
      HasSubstr("not among the tools"));
  EXPECT_EQ(
      refusal(
          R"({"tools": [{"type": "function", "name": "f"}], "tool_choice": {"type": "function", "name": "f"}})"),
      "");
}

}  // namespace
}  // namespace aurora::serve
