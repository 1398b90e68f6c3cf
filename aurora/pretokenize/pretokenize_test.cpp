#include "aurora/pretokenize/pretokenize.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "aurora/base/random.h"

namespace aurora::pretokenize {
namespace {

using ::testing::ElementsAre;

std::vector<std::string> words(std::string_view text) {
  std::vector<std::string> found;
  for (size_t at = 0; at < text.size();) {
    const size_t end = next_word(text, at);
    found.emplace_back(text.substr(at, end - at));
    at = end;
  }
  return found;
}

TEST(Pretokenize, AWordTakesTheSpaceBeforeIt) {
  EXPECT_THAT(words("The mass of a star"), ElementsAre("The", " mass", " of", " a", " star"));
  EXPECT_THAT(words("a  b"), ElementsAre("a", " ", " b"));
  EXPECT_THAT(words("x\ty"), ElementsAre("x", "\ty"));
}

TEST(Pretokenize, DigitsStandAlone) {
  EXPECT_THAT(words("1024 x2"), ElementsAre("1", "0", "2", "4", " x", "2"));
  EXPECT_THAT(words(" 7"), ElementsAre(" ", "7"));
}

TEST(Pretokenize, ContractionsInEitherCase) {
  EXPECT_THAT(words("it's WE'LL I'm"), ElementsAre("it", "'s", " WE", "'LL", " I", "'m"));
  EXPECT_THAT(words("'tis"), ElementsAre("'t", "is"));
  EXPECT_THAT(words("'el"), ElementsAre("'el"));
  EXPECT_THAT(words("a'\u017f"), ElementsAre("a", "'\u017f"));  // long s folds to s
}

TEST(Pretokenize, SymbolsGatherAndTakeLineEndsBehindThem) {
  EXPECT_THAT(words("x = {};\n\ny"), ElementsAre("x", " =", " {};\n\n", "y"));
  EXPECT_THAT(words("(a)"), ElementsAre("(a", ")"));
  EXPECT_THAT(words("!!a"), ElementsAre("!!", "a"));
}

TEST(Pretokenize, SpaceEndsAtItsLastLineEndOrBeforeItsLastSpace) {
  EXPECT_THAT(words("a\n\n  b"), ElementsAre("a", "\n\n", " ", " b"));
  EXPECT_THAT(words("a \n \n  "), ElementsAre("a", " \n \n", "  "));
  EXPECT_THAT(words("   1"), ElementsAre("  ", " ", "1"));
  EXPECT_THAT(words("\r\nx"), ElementsAre("\r\n", "x"));
}

TEST(Pretokenize, LettersOfAnyScript) {
  EXPECT_THAT(words("エントロピーは増大する。次"), ElementsAre("エントロピーは増大する", "。次"));
  EXPECT_THAT(words("größe naïve Ω"), ElementsAre("größe", " naïve", " Ω"));
  EXPECT_THAT(words("a\u3000b\u00a0c"), ElementsAre("a", "\u3000b", "\u00a0c"));
  EXPECT_THAT(words("x²½"), ElementsAre("x", "²", "½"));
}

TEST(Pretokenize, InvalidBytesAreSymbols) {
  EXPECT_THAT(words("a\xff\xfe b"), ElementsAre("a", "\xff\xfe", " b"));
  EXPECT_THAT(words("\xe3\x81"), ElementsAre("\xe3\x81"));
  EXPECT_THAT(words("\xed\xa0\x80x"), ElementsAre("\xed\xa0\x80", "x"));  // a surrogate is no character
}

TEST(Pretokenize, WordsTileAnyBytes) {
  const RandomKey key = random_key(1, Purpose::kTest);
  const char* const pieces[] = {"a",  "Z",  "'", "s",  "ll", "7",    " ",    "  ", "\n",
                                "\r", "\t", "!", "。", "語", "\xff", "\xe3", "²"};
  for (uint64_t round = 0; round < 20000; ++round) {
    std::string text;
    const uint64_t length = random_below(round * 32, key, 12);
    for (uint64_t i = 0; i < length; ++i)
      text += pieces[random_below(round * 32 + 1 + i, key, std::size(pieces))];
    std::string joined;
    for (const std::string& word : words(text)) {
      ASSERT_FALSE(word.empty());
      joined += word;
    }
    ASSERT_EQ(joined, text);
  }
}

}  // namespace
}  // namespace aurora::pretokenize
