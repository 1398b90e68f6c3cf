// Answers with calls of functions: forced, optional behind other text, and several.
#include <gtest/gtest.h>

#include "aurora/base/error.h"
#include "aurora/constrain/testing.h"

namespace aurora::constrain {
namespace {

ToolCalls two_functions() {
  ToolCalls calls;
  calls.choices = {
      {R"(<call>{"name": "add", "arguments": )",
       R"({"type": "object", "properties": {"a": {"type": "integer"}, "b": {"type": "integer"}}, "required": ["a", "b"]})",
       "}</call>"},
      {R"(<call>{"name": "now", "arguments": )", "", "}</call>"},
  };
  return calls;
}

const std::string kAdd = R"(<call>{"name": "add", "arguments": {"a": 1, "b": 2}}</call>)";
const std::string kNow = R"(<call>{"name": "now", "arguments": {}}</call>)";

std::shared_ptr<const Grammar> grammar_of(const ToolCalls& calls) {
  return Grammar::from_tool_calls(calls, test_vocabulary());
}

TEST(ToolCalls, OneCallIsForced) {
  const auto grammar = grammar_of(two_functions());
  EXPECT_TRUE(accepts(grammar, kAdd));
  EXPECT_TRUE(accepts(grammar, kNow));
  EXPECT_FALSE(accepts(grammar, ""));
  EXPECT_FALSE(accepts(grammar, "Well: " + kAdd));
  EXPECT_FALSE(accepts(grammar, kAdd + kNow));
  EXPECT_FALSE(accepts(grammar, R"(<call>{"name": "add", "arguments": {"a": 1}}</call>)"));
  EXPECT_FALSE(accepts(grammar, R"(<call>{"name": "sub", "arguments": {}}</call>)"));
  Matcher matcher(grammar);
  ASSERT_TRUE(matcher.advance_text(kNow));
  EXPECT_TRUE(matcher.finished());
}

TEST(ToolCalls, TextMayComeFirstAndNeedNoCall) {
  ToolCalls calls = two_functions();
  calls.trigger = "<call>";
  calls.min_calls = 0;
  const auto grammar = grammar_of(calls);
  for (const std::string& text : {std::string(), std::string("Just text, 1 < 2."), "Well: " + kAdd, kNow,
                                  "<<call" + kNow, "<cal\xe3\x81\x82" + kNow}) {
    EXPECT_TRUE(accepts(grammar, text)) << text;
  }
  EXPECT_FALSE(accepts(grammar, "<call>"));
  EXPECT_FALSE(accepts(grammar, "<call>text"));
  EXPECT_FALSE(accepts(grammar, kNow + "text"));
  calls.min_calls = 1;
  EXPECT_FALSE(accepts(grammar_of(calls), "Just text"));
  EXPECT_TRUE(accepts(grammar_of(calls), "Text, then" + kAdd));
}

TEST(ToolCalls, ATriggerThatOverlapsItselfIsFound) {
  ToolCalls calls;
  calls.choices = {{"aabaac", "", "!"}};
  calls.trigger = "aabaac";
  calls.min_calls = 0;
  const auto grammar = grammar_of(calls);
  EXPECT_TRUE(accepts(grammar, "aabaabaac{}!"));
  EXPECT_TRUE(accepts(grammar, "aaabaac{}!"));
  EXPECT_FALSE(accepts(grammar, "aabaabaac"));
  EXPECT_TRUE(accepts(grammar, "aabaabaa"));
}

TEST(ToolCalls, SeveralCalls) {
  ToolCalls calls = two_functions();
  calls.max_calls = 3;
  calls.separator = "\n";
  for (const char* trigger : {"", "<call>"}) {
    calls.trigger = trigger;
    const auto grammar = grammar_of(calls);
    EXPECT_TRUE(accepts(grammar, kAdd));
    EXPECT_TRUE(accepts(grammar, kAdd + "\n" + kNow + "\n" + kAdd));
    EXPECT_FALSE(accepts(grammar, kAdd + kNow));
    EXPECT_FALSE(accepts(grammar, kAdd + "\n"));
    EXPECT_FALSE(accepts(grammar, kAdd + "\n" + kNow + "\n" + kAdd + "\n" + kAdd));
  }
}

TEST(ToolCalls, MasksAreExactAndWalksEnd) {
  ToolCalls calls = two_functions();
  calls.trigger = "<call>";
  calls.min_calls = 0;
  calls.max_calls = 2;
  const auto grammar = grammar_of(calls);
  for (const std::string& before :
       {std::string(), std::string("the"), std::string("<ca"), std::string("<call>{"), kNow}) {
    expect_exact_mask(grammar, before);
  }
  Dice dice(3);
  for (int i = 0; i < 20; ++i) EXPECT_TRUE(accepts(grammar, random_walk(grammar, dice, 20)));
}

TEST(ToolCalls, WhatMakesNoSenseIsRefused) {
  const auto vocabulary = test_vocabulary();
  EXPECT_THROW(Grammar::from_tool_calls({}, vocabulary), Error);
  ToolCalls calls = two_functions();
  calls.trigger = "<tool>";
  EXPECT_THROW(grammar_of(calls), Error);
  calls.trigger = "";
  calls.min_calls = 0;
  EXPECT_THROW(grammar_of(calls), Error);
  calls = two_functions();
  calls.max_calls = 1000;
  EXPECT_THROW(grammar_of(calls), Error);
  calls = two_functions();
  calls.choices[0].schema = R"({"not": {}})";
  try {
    grammar_of(calls);
    ADD_FAILURE();
  } catch (const Error& error) {
    EXPECT_EQ(error.where(), "tools[0]#/not");
  }
}

}  // namespace
}  // namespace aurora::constrain
