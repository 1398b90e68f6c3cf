#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "aurora/base/random.h"
#include "aurora/pretokenize/pretokenizer.h"

namespace aurora::pretokenize {
namespace {

using ::testing::ElementsAre;
using Words = std::vector<std::string>;

Words words_at(std::string_view text, const std::vector<uint32_t>& ends) {
  Words words;
  uint32_t begin = 0;
  for (const uint32_t end : ends) {
    words.emplace_back(text.substr(begin, end - begin));
    begin = end;
  }
  return words;
}

Words words(const char* scheme, std::string_view text) {
  std::vector<uint32_t> ends;
  append_cuts(find_scheme(scheme)->cut, text, 0, ends);
  return words_at(text, ends);
}

TEST(Schemes, AreFoundByNameAndByRegex) {
  EXPECT_STREQ(find_scheme("r50k")->name, "gpt2");
  EXPECT_STREQ(find_scheme("p50k_base")->name, "gpt2");
  EXPECT_STREQ(find_scheme("starcoder2")->name, "smollm");
  EXPECT_EQ(find_scheme("nothing"), nullptr);
  EXPECT_STREQ(scheme_of_regex("\\p{N}{1,3}")->name, "numbers-3");
  EXPECT_STREQ(scheme_of_regex("[\r\n]")->name, "line-ends");
  EXPECT_EQ(scheme_of_regex("\\p{N}{1,3}+"), nullptr);  // engines differ in what it means
  for (const Scheme& one : schemes()) {
    EXPECT_EQ(find_scheme(one.name), &one);
    for (const std::string_view regex : one.regexes) EXPECT_EQ(scheme_of_regex(regex), &one) << regex;
    for (const std::string_view step : one.steps) EXPECT_NE(find_scheme(step), nullptr) << step;
  }
}

TEST(Schemes, DigitsGoOneByOneOrByThreesOrTogether) {
  EXPECT_THAT(words("gpt2", "a 12345"), ElementsAre("a", " 12345"));
  EXPECT_THAT(words("cl100k", "a 12345"), ElementsAre("a", " ", "123", "45"));
  EXPECT_THAT(words("o200k", "a 12345"), ElementsAre("a", " ", "123", "45"));
  EXPECT_THAT(words("qwen2", "a 123"), ElementsAre("a", " ", "1", "2", "3"));
  EXPECT_THAT(words("tekken", "a 123"), ElementsAre("a", " ", "1", "2", "3"));
  EXPECT_THAT(words("smollm", "a  12"), ElementsAre("a", "  ", "1", "2"));
  EXPECT_THAT(words("deepseek-v3", "a 1234"), ElementsAre("a", " ", "123", "4"));
  EXPECT_THAT(words("deepseek-coder", "a 12"), ElementsAre("a", " ", "1", "2"));
  EXPECT_THAT(words("cl100k", "²½Ⅷ٣"), ElementsAre("²½Ⅷ", "٣"));
  // A digit of Unicode 17.0, which only HF's Digits knows.
  EXPECT_THAT(words("smollm", "$\U00011de0$"), ElementsAre("$", "\U00011de0", "$"));
  EXPECT_THAT(words("gpt2", "$\U00011de0$"), ElementsAre("$\U00011de0$"));
}

TEST(Schemes, ContractionsAreCutAsEachPatternSays) {
  EXPECT_THAT(words("gpt2", "it's IT'S 's"), ElementsAre("it", "'s", " IT", "'", "S", " '", "s"));
  EXPECT_THAT(words("cl100k", "it's IT'S"), ElementsAre("it", "'s", " IT", "'S"));
  EXPECT_THAT(words("llama3", "x'\u017f"), ElementsAre("x", "'\u017f"));  // long s folds to s
  EXPECT_THAT(words("o200k", "it's IT'LLx"), ElementsAre("it's", " IT'LL", "x"));
  EXPECT_THAT(words("o200k", "1's"), ElementsAre("1", "'s"));  // here ' is the character before letters
  EXPECT_THAT(words("tekken", "it's"), ElementsAre("it", "'s"));
  EXPECT_THAT(words("tekken", "it'slow"), ElementsAre("it", "'slow"));
  EXPECT_THAT(words("cl100k", "it'slow"), ElementsAre("it", "'s", "low"));
}

TEST(Schemes, WhiteSpaceBeforeAWordLeavesItOneSpace) {
  for (const char* scheme :
       {"gpt2", "cl100k", "llama3", "qwen2", "o200k", "tekken", "smollm", "deepseek-v3"}) {
    EXPECT_THAT(words(scheme, "a   b"), ElementsAre("a", "  ", " b")) << scheme;
    EXPECT_THAT(words(scheme, "a   "), ElementsAre("a", "   ")) << scheme;
  }
  EXPECT_THAT(words("gpt2", "a\tb"), ElementsAre("a", "\t", "b"));
  EXPECT_THAT(words("cl100k", "a\tb"), ElementsAre("a", "\tb"));
}

TEST(Schemes, LineEndsEndWordsOfSpaceButForGpt2) {
  EXPECT_THAT(words("gpt2", "a \n \n b"), ElementsAre("a", " \n \n", " b"));
  EXPECT_THAT(words("gpt2", "a\n\nb"), ElementsAre("a", "\n", "\n", "b"));
  EXPECT_THAT(words("llama3", "a\n\nb"), ElementsAre("a", "\n\n", "b"));
  EXPECT_THAT(words("llama3", "a\n  b"), ElementsAre("a", "\n", " ", " b"));
  EXPECT_THAT(words("gpt2", "{\n}"), ElementsAre("{", "\n", "}"));
  EXPECT_THAT(words("llama3", "{\n/\n"), ElementsAre("{\n", "/\n"));
  EXPECT_THAT(words("o200k", "{\n/\n"), ElementsAre("{\n/\n"));
}

TEST(Schemes, WhiteSpaceAtTheEndOfTheTextIsOneWordForCl100k) {
  EXPECT_THAT(words("cl100k", "a \n  \n  "), ElementsAre("a", " \n  \n  "));
  EXPECT_THAT(words("llama3", "a \n  \n  "), ElementsAre("a", " \n  \n", "  "));
  EXPECT_THAT(words("cl100k", "!\n  "), ElementsAre("!\n", "  "));
}

TEST(Schemes, CamelCaseIsCutByO200kAndTekken) {
  for (const char* scheme : {"o200k", "tekken"}) {
    EXPECT_THAT(words(scheme, "camelCaseXMLParser"), ElementsAre("camel", "Case", "XMLParser")) << scheme;
    EXPECT_THAT(words(scheme, "ABC abc ABCdE"), ElementsAre("ABC", " abc", " ABCd", "E")) << scheme;
    // A letter without case counts as both: what follows the last of them is cut off when all is uppercase.
    EXPECT_THAT(words(scheme, "A語BC"), ElementsAre("A語", "BC")) << scheme;
    EXPECT_THAT(words(scheme, "A語Bc"), ElementsAre("A語Bc")) << scheme;
    // A mark may be the character before letters; when no lowercase follows it is a word of its own.
    EXPECT_THAT(words(scheme, "\u0301a"), ElementsAre("\u0301a")) << scheme;
    EXPECT_THAT(words(scheme, "\u0301A"), ElementsAre("\u0301", "A")) << scheme;
    EXPECT_THAT(words(scheme, "e\u0301t\u0301"), ElementsAre("e\u0301t\u0301")) << scheme;
  }
}

TEST(Schemes, MarksAreLettersForSomeOnly) {
  EXPECT_THAT(words("qwen2", "e\u0301t"), ElementsAre("e", "\u0301t"));
  EXPECT_THAT(words("qwen3.5", "e\u0301t"), ElementsAre("e\u0301t"));
  EXPECT_THAT(words("qwen3.5", "!\u0301"), ElementsAre("!\u0301"));
  EXPECT_THAT(words("gpt2", "กิน"), ElementsAre("ก", "ิ", "น"));
}

TEST(Schemes, DeepseekV3CutsOutNumbersAndJapaneseFirst) {
  EXPECT_THAT(words("deepseek-v3", "x=12日本語 のabc"),
              ElementsAre("x", "=", "12", "日本語", " ", "の", "abc"));
  EXPECT_THAT(words("deepseek-v3", "カ・ー"),
              ElementsAre("カ", "・", "ー"));  // words inside the Japanese, too
  EXPECT_THAT(words("deepseek-v3", "(foo) .bar"), ElementsAre("(foo", ")", " .", "bar"));
  EXPECT_THAT(words("deepseek-v3", "a\x01\x02!"), ElementsAre("a", "\x01\x02", "!"));  // no match, one word
}

TEST(Schemes, DeepseekCoderAndLlmCutRegions) {
  EXPECT_THAT(words("deepseek-coder", "a  = b\n\n"), ElementsAre("a", "  =", " b", "\n", "\n"));
  EXPECT_THAT(words("deepseek-coder", "café 日本abc!?"), ElementsAre("café", " ", "日本", "abc", "!?"));
  EXPECT_THAT(words("deepseek-llm", "café ok"), ElementsAre("caf", "é", " ok"));  // ':-~' has a to z
  EXPECT_THAT(words("deepseek-llm", "x   y  "), ElementsAre("x", "  ", " y", "  "));
  EXPECT_THAT(words("deepseek-llm", "日本 語"), ElementsAre("日本", " ", "語"));
}

TEST(Schemes, InvalidBytesAreNeitherLettersNorSpaces) {
  EXPECT_THAT(words("gpt2", "a\xff\xfe b"), ElementsAre("a", "\xff\xfe", " b"));
  EXPECT_THAT(words("o200k", "a\xe3\x81"), ElementsAre("a", "\xe3\x81"));
  EXPECT_THAT(words("deepseek-v3", "a\xff\xff!"), ElementsAre("a", "\xff\xff", "!"));
}

TEST(Pretokenizer, StepsCutInsideEachOthersWords) {
  const Pretokenizer steps({find_scheme("numbers-3"), find_scheme("numbers"), find_scheme("gpt2")});
  EXPECT_EQ(steps.fused(), nullptr);
  std::vector<uint32_t> ends;
  steps.cut("ab 1234", ends);
  EXPECT_THAT(words_at("ab 1234", ends), ElementsAre("ab", " ", "1", "2", "3", "4"));
  steps.cut("", ends);
  EXPECT_TRUE(ends.empty());
  Pretokenizer({}).cut("a b", ends);
  EXPECT_THAT(ends, ElementsAre(3));
}

TEST(Pretokenizer, FindsTheSchemeThatDoesAllSteps) {
  EXPECT_EQ(Pretokenizer({find_scheme("cl100k")}).fused(), find_scheme("cl100k"));
  EXPECT_EQ(Pretokenizer({find_scheme("digits"), find_scheme("gpt2")}).fused(), find_scheme("smollm"));
  EXPECT_EQ(Pretokenizer({}).fused(), nullptr);
}

std::string any_text(uint64_t round) {
  static const char* const kPieces[] = {"a",  "Z",  "é",  "'",    "s",    "ll",     "7",     "12", " ",
                                        "  ", "\n", "\r", "\t",   "!",    "/",      "。",    "語", "の",
                                        "ー", "ก",  "ิ",   "\xff", "\xe3", "²",      "Ａ",    "・", "$",
                                        "_",  "X",  "ǅ",  "ʰ",    "\x01", "\u3000", "\u0301"};
  const RandomKey key = random_key(1, Purpose::kTest);
  std::string text;
  const uint64_t length = random_below(round * 32, key, 24);
  for (uint64_t i = 0; i < length; ++i)
    text += kPieces[random_below(round * 32 + 1 + i, key, std::size(kPieces))];
  return text;
}

TEST(Pretokenizer, FusedSchemesDoWhatTheirStepsDo) {
  for (const Scheme& one : schemes()) {
    if (one.steps.empty()) continue;
    std::vector<const Scheme*> steps;
    for (const std::string_view step : one.steps) steps.push_back(find_scheme(step));
    const Pretokenizer pretokenizer(steps);
    ASSERT_EQ(pretokenizer.fused(), &one);
    std::vector<uint32_t> fused, stepwise;
    for (uint64_t round = 0; round < 4000; ++round) {
      const std::string text = any_text(round);
      pretokenizer.cut(text, fused);
      pretokenizer.cut_stepwise(text, stepwise);
      ASSERT_EQ(fused, stepwise) << one.name << " " << testing::PrintToString(text);
    }
  }
}

TEST(Schemes, WordsTileAnyBytesHoweverManyAreAskedFor) {
  for (const Scheme& one : schemes()) {
    for (uint64_t round = 0; round < 1000; ++round) {
      const std::string text = any_text(round);
      std::vector<uint32_t> all;
      append_cuts(one.cut, text, 0, all);
      ASSERT_EQ(all.empty() ? 0 : all.back(), text.size());
      std::vector<uint32_t> one_by_one;
      for (size_t at = 0; at < text.size(); at = one_by_one.back()) {
        uint32_t end = 0;
        ASSERT_EQ(one.cut(text, at, std::span(&end, 1)), 1u);
        ASSERT_GT(end, at);
        one_by_one.push_back(end);
      }
      ASSERT_EQ(one_by_one, all) << one.name << " " << testing::PrintToString(text);
    }
  }
}

TEST(Schemes, LongRunsTakeLinearTime) {
  const std::string runs[] = {std::string(300'000, ' '),   std::string(300'000, '\n'),
                              std::string(300'000, 'A'),   std::string(300'000, '$'),
                              std::string(300'000, '7'),   std::string(300'000, '\x01'),
                              std::string(300'000, '\xff')};
  for (const Scheme& one : schemes()) {
    for (const std::string& run : runs) {
      std::vector<uint32_t> ends;
      append_cuts(one.cut, "\x01" + run + "\x01", 0, ends);
      EXPECT_EQ(ends.back(), run.size() + 2);
      append_cuts(one.cut_reference, "\x01" + run + "a", 0, ends);
    }
  }
}

}  // namespace
}  // namespace aurora::pretokenize
