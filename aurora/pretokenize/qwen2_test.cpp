#include "aurora/pretokenize/pretokenizer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace aurora::pretokenize {
namespace {

using ::testing::ElementsAre;

std::vector<std::string> words(std::string_view text) {
  std::vector<uint32_t> ends;
  append_cuts(find_scheme("qwen2")->cut, text, 0, ends);
  std::vector<std::string> found;
  size_t begin = 0;
  for (const uint32_t end : ends) {
    found.emplace_back(text.substr(begin, end - begin));
    begin = end;
  }
  return found;
}

TEST(Qwen2, AWordTakesTheSpaceBeforeIt) {
  EXPECT_THAT(words("The mass of a star"), ElementsAre("The", " mass", " of", " a", " star"));
  EXPECT_THAT(words("a  b"), ElementsAre("a", " ", " b"));
  EXPECT_THAT(words("x\ty"), ElementsAre("x", "\ty"));
}

TEST(Qwen2, DigitsStandAlone) {
  EXPECT_THAT(words("1024 x2"), ElementsAre("1", "0", "2", "4", " x", "2"));
  EXPECT_THAT(words(" 7"), ElementsAre(" ", "7"));
}

TEST(Qwen2, ContractionsInEitherCase) {
  EXPECT_THAT(words("it's WE'LL I'm"), ElementsAre("it", "'s", " WE", "'LL", " I", "'m"));
  EXPECT_THAT(words("'tis"), ElementsAre("'t", "is"));
  EXPECT_THAT(words("'el"), ElementsAre("'el"));
  EXPECT_THAT(words("a'\u017f"), ElementsAre("a", "'\u017f"));  // long s folds to s
}

TEST(Qwen2, SymbolsGatherAndTakeLineEndsBehindThem) {
  EXPECT_THAT(words("x = {};\n\ny"), ElementsAre("x", " =", " {};\n\n", "y"));
  EXPECT_THAT(words("(a)"), ElementsAre("(a", ")"));
  EXPECT_THAT(words("!!a"), ElementsAre("!!", "a"));
}

TEST(Qwen2, SpaceEndsAtItsLastLineEndOrBeforeItsLastSpace) {
  EXPECT_THAT(words("a\n\n  b"), ElementsAre("a", "\n\n", " ", " b"));
  EXPECT_THAT(words("a \n \n  "), ElementsAre("a", " \n \n", "  "));
  EXPECT_THAT(words("   1"), ElementsAre("  ", " ", "1"));
  EXPECT_THAT(words("\r\nx"), ElementsAre("\r\n", "x"));
}

TEST(Qwen2, LettersOfAnyScript) {
  EXPECT_THAT(words("エントロピーは増大する。次"), ElementsAre("エントロピーは増大する", "。次"));
  EXPECT_THAT(words("größe naïve Ω"), ElementsAre("größe", " naïve", " Ω"));
  EXPECT_THAT(words("a\u3000b\u00a0c"), ElementsAre("a", "\u3000b", "\u00a0c"));
  EXPECT_THAT(words("x²½"), ElementsAre("x", "²", "½"));
}

TEST(Qwen2, InvalidBytesAreSymbols) {
  EXPECT_THAT(words("a\xff\xfe b"), ElementsAre("a", "\xff\xfe", " b"));
  EXPECT_THAT(words("\xe3\x81"), ElementsAre("\xe3\x81"));
  EXPECT_THAT(words("\xed\xa0\x80x"), ElementsAre("\xed\xa0\x80", "x"));  // a surrogate is no character
}

}  // namespace
}  // namespace aurora::pretokenize
