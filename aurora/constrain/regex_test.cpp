// Regular expressions: what they accept, what is refused, and that masks say the same as the automaton.
#include <gtest/gtest.h>

#include "aurora/base/error.h"
#include "aurora/constrain/testing.h"

namespace aurora::constrain {
namespace {

std::shared_ptr<const Grammar> regex(std::string_view text) {
  return Grammar::from_regex(text, test_vocabulary());
}

void expect_refused(std::string_view text, const std::string& happened, const std::string& where) {
  try {
    regex(text);
    ADD_FAILURE() << text << " is not refused";
  } catch (const Error& error) {
    EXPECT_NE(error.happened().find(happened), std::string::npos) << text << ": " << error.happened();
    EXPECT_EQ(error.where(), where) << text;
  }
}

TEST(Regex, MatchesTheWholeText) {
  EXPECT_TRUE(accepts(regex("abc"), "abc"));
  EXPECT_FALSE(accepts(regex("abc"), "abcd"));
  EXPECT_FALSE(accepts(regex("abc"), "ab"));
  EXPECT_TRUE(accepts(regex("^abc$"), "abc"));
  EXPECT_TRUE(accepts(regex(""), ""));
}

TEST(Regex, AlternativesGroupsAndQuantifiers) {
  for (const char* text : {"", "a", "ab", "abab", "ababa"})
    EXPECT_TRUE(accepts(regex("(?:ab)*a?"), text)) << text;
  EXPECT_FALSE(accepts(regex("(ab)*a?"), "aa"));
  EXPECT_TRUE(accepts(regex("cat|dog|"), ""));
  EXPECT_TRUE(accepts(regex("(?<animal>cat|dog)s+?"), "dogsss"));
  EXPECT_TRUE(accepts(regex("x{2,4}"), "xxxx"));
  EXPECT_FALSE(accepts(regex("x{2,4}"), "x"));
  EXPECT_FALSE(accepts(regex("x{2,4}"), "xxxxx"));
  EXPECT_TRUE(accepts(regex("x{3}"), "xxx"));
  EXPECT_TRUE(accepts(regex("x{2,}"), "xxxxxxxxxxx"));
  EXPECT_TRUE(accepts(regex("((a*)*)*"), "aaaa"));
}

TEST(Regex, Classes) {
  EXPECT_TRUE(accepts(regex("[a-c\\d_-]+"), "a-0_9c"));
  EXPECT_FALSE(accepts(regex("[a-c]"), "d"));
  EXPECT_TRUE(accepts(regex("[^a-c]"), "\xc3\xa9"));
  EXPECT_FALSE(accepts(regex("[^a-c]"), "b"));
  EXPECT_TRUE(accepts(regex("\\w\\W\\d\\D\\s\\S"), "a-1x\ty"));
  EXPECT_FALSE(accepts(regex("\\w"), "\xc3\xa9"));
  EXPECT_TRUE(accepts(regex("\\p{L}+"), "\xc3\xa9t\xc3\xa9"));
  EXPECT_TRUE(accepts(regex("\\P{L}"), "7"));
  EXPECT_TRUE(accepts(regex("[\\u3040-\\u309f]+"), "\xe3\x81\x82\xe3\x81\x84"));
  EXPECT_FALSE(accepts(regex("[\\u3040-\\u309f]+"), "\xe4\xb8\x80"));
  EXPECT_TRUE(accepts(regex("[\xe3\x81\x82-\xe3\x82\x93]"), "\xe3\x81\x84"));
  EXPECT_TRUE(accepts(regex("[\\s\\S]*"), "any\n\xf0\x9f\x98\x80thing"));
  EXPECT_TRUE(accepts(regex("[\\u{1f600}-\\u{1f64f}]"), "\xf0\x9f\x98\x80"));
  EXPECT_TRUE(accepts(regex("\\ud83d\\ude00"), "\xf0\x9f\x98\x80"));
  EXPECT_TRUE(accepts(regex("\\x41\\.\\/\\{\\}"), "A./{}"));
}

TEST(Regex, ADotIsEveryCharacterButALineEnd) {
  for (const char* text : {"a", "\xc3\xa9", "\xe3\x81\x82", "\xf0\x9f\x98\x80"}) {
    EXPECT_TRUE(accepts(regex("."), text)) << text;
  }
  EXPECT_FALSE(accepts(regex("."), "\n"));
  EXPECT_FALSE(accepts(regex("."), "\xe3\x81"));           // half a character
  EXPECT_FALSE(accepts(regex(".*"), "\xed\xa0\x80"));      // a surrogate
  EXPECT_FALSE(accepts(regex(".*"), "\xc0\xaf"));          // an overlong form
  EXPECT_FALSE(accepts(regex(".*"), "\xf4\x90\x80\x80"));  // beyond U+10FFFF
}

TEST(Regex, AnchorsHoldWhereTheyStand) {
  EXPECT_TRUE(accepts(regex("(^a|b)c"), "ac"));
  EXPECT_TRUE(accepts(regex("a(b|$)"), "a"));
  EXPECT_FALSE(accepts(regex("x(^a|b)c"), "xac"));
  EXPECT_TRUE(accepts(regex("x(^a|b)c"), "xbc"));
  expect_refused("a$b", "no text matches", "regex");
}

TEST(Regex, WhatIsNotSupportedIsRefusedByNameAndPlace) {
  expect_refused("ab(?=c)", "look-ahead", "regex@2");
  expect_refused("(?!c)", "look-ahead", "regex@0");
  expect_refused("a(?<=c)", "look-behind", "regex@1");
  expect_refused("(a)\\1", "back-reference", "regex@3");
  expect_refused("(?<n>a)\\k<n>", "back-reference", "regex@7");
  expect_refused("\\bword", "word boundary", "regex@0");
  expect_refused("(?i)a", "flags", "regex@0");
  expect_refused("a*+", "possessive", "regex@2");
  expect_refused("(?>a)", "atomic", "regex@0");
  expect_refused("\\p{Greek}", "property Greek", "regex@0");
}

TEST(Regex, WhatIsNoExpressionIsRefused) {
  expect_refused("(a", "without its )", "regex@0");
  expect_refused("a)", "without its (", "regex@1");
  expect_refused("[a", "without its ]", "regex@0");
  expect_refused("*", "quantifier of nothing", "regex@0");
  expect_refused("a{3,1}", "m above n", "regex@1");
  expect_refused("a{x}", "brace", "regex@2");
  expect_refused("[b-a]", "range whose end", "regex@1");
  expect_refused("\\", "too early", "regex@1");
  expect_refused("a\xff", "no UTF-8", "regex@1");
  expect_refused("\\ud800", "surrogate", "regex@0");
}

TEST(Regex, WhatIsTooLargeIsRefusedQuickly) {
  expect_refused("((((a{900}){900}){900}){900}){900}", "too large", "regex");
  expect_refused("((((){9999}){9999}){9999}){9999}", "too large", "regex");
  expect_refused("(a|b)*a(a|b){20}", "too large", "regex");
  expect_refused(std::string(300, '(') + std::string(300, ')'), "nested", "regex@200");
  expect_refused(std::string(20000, 'a'), "longer than", "regex@0");
}

TEST(Regex, MasksAreWhatTheAutomatonSays) {
  const auto grammar = regex("(the|ab*|[\\u3042\\u00e9]{2,3}) ?[0-9.]+\n?");
  for (const char* before :
       {"", "a", "abb", "th", "the", "\xe3\x81", "\xe3\x81\x82", "\xc3\xa9", "the 1", "the 1\n"}) {
    expect_exact_mask(grammar, before);
  }
}

TEST(Regex, EndsWhereNothingElseCanFollow) {
  Matcher matcher(regex("ab?"));
  EXPECT_FALSE(matcher.may_end());
  ASSERT_TRUE(matcher.advance('a'));
  EXPECT_TRUE(matcher.may_end());
  EXPECT_FALSE(matcher.finished());
  EXPECT_TRUE(matcher.allowed().allows(kEnd));
  EXPECT_EQ(matcher.allowed().count(), 2);
  Matcher copy = matcher;
  ASSERT_TRUE(matcher.advance('b'));
  EXPECT_TRUE(matcher.finished());
  EXPECT_FALSE(matcher.advance('b'));
  EXPECT_EQ(matcher.allowed().count(), 1);
  ASSERT_TRUE(copy.advance(kEnd));
  EXPECT_TRUE(copy.finished());
  EXPECT_EQ(copy.allowed().count(), 0);
  EXPECT_FALSE(copy.advance('b'));
}

TEST(Regex, RandomWalksEndInTextsThatMatch) {
  Dice dice(1);
  for (const char* text :
       {"(ab|a.b)*", "\\w+@\\w+\\.com", "[^\\n]{0,20}", "(?:\\d{1,3}\\.){3}\\d{1,3}", "\\p{L}{3}\\s?"}) {
    const auto grammar = regex(text);
    for (int i = 0; i < 20; ++i) {
      const std::string walk = random_walk(grammar, dice, 10);
      EXPECT_TRUE(accepts(grammar, walk)) << text << ": " << walk;
    }
  }
}

TEST(Regex, AVocabularyWithoutSomeBytesNeverLeadsToADeadEnd) {
  const std::vector<std::string> bytes = {"a", "b", "", "c1", "1"};
  const auto few = std::make_shared<const Vocabulary>(bytes, std::vector<int32_t>{2});
  Matcher matcher(Grammar::from_regex("a(bx|c1|1)", few));  // neither x nor c is a token
  EXPECT_EQ(matcher.allowed().count(), 1);
  ASSERT_TRUE(matcher.advance(0));
  EXPECT_EQ(matcher.allowed().count(), 1);
  EXPECT_TRUE(matcher.allowed().allows(4));
  EXPECT_THROW(Grammar::from_regex("x", few), Error);
}

}  // namespace
}  // namespace aurora::constrain
