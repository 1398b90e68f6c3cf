#include "aurora/corpus/words.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <string>

#include "aurora/base/random.h"
#include "aurora/base/utf8.h"

namespace aurora::corpus {
namespace {

using ::testing::ElementsAre;

std::vector<std::string> words_of(std::string_view text, Segmentation segmentation = Segmentation::kUnicode) {
  Words words;
  segment(text, segmentation, words);
  std::vector<std::string> spelled;
  for (const Word& word : words.words) spelled.emplace_back(text.substr(word.begin, word.bytes));
  return spelled;
}

int64_t symbol_words_of(std::string_view text) {
  Words words;
  segment(text, Segmentation::kUnicode, words);
  return words.symbol_words;
}

void expect_as_icu(std::string_view text) {
  Words fast;
  Words icu;
  segment(text, Segmentation::kUnicode, fast);
  segment_by_icu(text, icu);
  ASSERT_EQ(fast.symbol_words, icu.symbol_words) << text;
  ASSERT_EQ(fast.words.size(), icu.words.size()) << text;
  for (size_t i = 0; i < fast.words.size(); ++i) {
    ASSERT_EQ(fast.words[i], icu.words[i]) << "word " << i << " of: " << text;
  }
}

TEST(Words, SplitsEnglish) {
  EXPECT_THAT(words_of("Don't stop: 3.14, e.g. foo_bar (x=1)!"),
              ElementsAre("Don't", "stop", "3.14", "e.g", "foo_bar", "x", "1"));
  EXPECT_THAT(words_of("__ a_ _ -- 1,000 a,b 1a.b"), ElementsAre("a_", "1,000", "a", "b", "1a.b"));
  EXPECT_TRUE(words_of("").empty());
  EXPECT_TRUE(words_of("?!\n--").empty());
}

TEST(Words, SplitsFrenchGermanSpanish) {
  EXPECT_THAT(words_of("L’été, où est-il ?"), ElementsAre("L’été", "où", "est", "il"));
  EXPECT_THAT(words_of("Größe „über“ 1,5 m"), ElementsAre("Größe", "über", "1,5", "m"));
  EXPECT_THAT(words_of("¿Qué número? 2ª"), ElementsAre("Qué", "número", "2ª"));
}

TEST(Words, SplitsJapaneseByDictionary) {
  EXPECT_THAT(words_of("これは日本語の文章です。"),
              ElementsAre("これ", "は", "日本語", "の", "文章", "です"));
}

TEST(Words, TokensAreRunsOfNonSpace) {
  EXPECT_THAT(words_of("|- ( ph -> ps )\n\t$.", Segmentation::kTokens),
              ElementsAre("|-", "(", "ph", "->", "ps", ")", "$."));
}

TEST(Words, MeasuresWords) {
  Words words;
  segment("x Größe 12", Segmentation::kUnicode, words);
  ASSERT_EQ(words.words.size(), 3u);
  EXPECT_EQ(words.words[1].begin, 2u);
  EXPECT_EQ(words.words[1].bytes, 7u);
  EXPECT_EQ(words.words[1].characters, 5u);
  EXPECT_TRUE(words.words[1].has_letter);
  EXPECT_FALSE(words.words[2].has_letter);
}

TEST(Words, HashFoldsCase) {
  EXPECT_EQ(word_hash("Straße"), word_hash("sTRAßE"));
  EXPECT_EQ(word_hash("ÉTÉ"), word_hash("été"));
  EXPECT_NE(word_hash("ab"), word_hash("ba"));
  Words words;
  segment("The ΛΌΓΟΣ これ", Segmentation::kUnicode, words);
  ASSERT_EQ(words.words.size(), 3u);
  EXPECT_EQ(words.words[0].hash, word_hash("the"));
  EXPECT_EQ(words.words[1].hash, word_hash("λόγοσ"));
  EXPECT_EQ(words.words[2].hash, word_hash("これ"));
}

TEST(Words, CountsSymbolWords) {
  EXPECT_EQ(symbol_words_of("a = b -- c"), 2);
  EXPECT_EQ(symbol_words_of("(a) b, c."), 0);
  EXPECT_EQ(symbol_words_of("# Title\n---\n* item"), 3);
  EXPECT_EQ(symbol_words_of("-- a --"), 2);
  EXPECT_EQ(symbol_words_of("a | b | 1 || ="), 2) << "a lone | is a table's border";
  EXPECT_EQ(symbol_words_of("=="), 1);
  EXPECT_EQ(symbol_words_of("  \n "), 0);
}

TEST(Words, FastScannerFindsIcusWordsInAllShortAscii) {
  // Every string of up to four of the characters that matter.
  const std::string_view alphabet = "aB1_.,:;' \n-@|";
  for (size_t length = 1; length <= 4; ++length) {
    size_t count = 1;
    for (size_t i = 0; i < length; ++i) count *= alphabet.size();
    for (size_t number = 0; number < count; ++number) {
      std::string text;
      for (size_t i = 0, rest = number; i < length; ++i, rest /= alphabet.size())
        text += alphabet[rest % alphabet.size()];
      expect_as_icu(text);
      if (HasFatalFailure()) return;
    }
  }
}

TEST(Words, FastScannerFindsIcusWordsInRandomText) {
  for (uint64_t seed = 0; seed < 3000; ++seed) {
    const RandomKey key = random_key(3, Purpose::kTest, {seed});
    std::string text;
    for (uint64_t i = 0; i < 60; ++i) {
      const uint64_t kind = random_below(3 * i, key, 8);
      const uint64_t draw = random_below(3 * i + 1, key, 1 << 20);
      if (kind < 4) text += static_cast<char>(' ' + draw % 95);
      if (kind == 4) append_utf8(text, 0xA0 + draw % 0x1B0);
      if (kind == 5) append_utf8(text, 0x2010 + draw % 0x50);
      if (kind == 6) append_utf8(text, seed % 2 == 0 ? 0x250 + draw % 0x2C00 : 0x3040 + draw % 0xC0);
      if (kind == 7) text += draw % 8 == 0 ? "\n" : draw % 2 == 0 ? "." : "'";
    }
    expect_as_icu(text);
    if (HasFatalFailure()) return;
  }
}

}  // namespace
}  // namespace aurora::corpus
