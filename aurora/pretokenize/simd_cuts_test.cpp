#include "aurora/pretokenize/simd_cuts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>

#include "aurora/base/random.h"
#include "aurora/base/utf8.h"
#include "aurora/pretokenize/simd_exercise.h"

namespace aurora::pretokenize {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class SimdCutsTest : public ::testing::TestWithParam<SimdScheme> {
 protected:
  const SimdScheme& scheme() const { return GetParam(); }
};

// Memory of exactly the text's size, so that a sanitizer sees any byte read behind it.
struct ExactText {
  std::unique_ptr<char[]> bytes;
  std::string_view text;
  explicit ExactText(std::string_view from) : bytes(new char[from.size()]), text(bytes.get(), from.size()) {
    std::copy(from.begin(), from.end(), bytes.get());
  }
};

TEST(SimdCuts, PortableIsAlwaysThere) {
  ASSERT_FALSE(simd_cuts().empty());
  EXPECT_STREQ(simd_cuts().back()->instructions, "portable");
}

TEST(SimdCuts, AContractionLiesAcrossBlocks) {
  const std::string text = std::string(62, 'a') + "'re" + "b";  // the apostrophe is byte 62
  for (const SimdCuts* set : simd_cuts()) {
    EXPECT_THAT(all_ends(set->cl100k, text, 100), ElementsAre(62, 65, 66)) << set->instructions;
    EXPECT_THAT(all_ends(set->gpt2, text, 100), ElementsAre(62, 65, 66)) << set->instructions;
    EXPECT_THAT(all_ends(set->o200k, text, 100), ElementsAre(65, 66)) << set->instructions;
  }
}

TEST(SimdCuts, NumbersAreCountedAcrossBlocks) {
  const std::string text = std::string(62, '!') + "12345678";
  for (const SimdCuts* set : simd_cuts()) {
    EXPECT_THAT(all_ends(set->llama3, text, 100), ElementsAre(62, 65, 68, 70)) << set->instructions;
  }
}

TEST(SimdCuts, WhiteSpaceKnowsOfALineEndFarAway) {
  const std::string text = "a\n" + std::string(200, ' ') + "\n" + std::string(100, ' ');
  for (const SimdCuts* set : simd_cuts()) {
    EXPECT_THAT(all_ends(set->llama3, text, 100), ElementsAre(1, 203, 303)) << set->instructions;
    EXPECT_THAT(all_ends(set->cl100k, text, 100), ElementsAre(1, 303)) << set->instructions;
  }
}

TEST_P(SimdCutsTest, EveryShortTextIsCutLikeTheReference) {
  for (int length = 1; length <= 4; ++length) {
    each_string(kFewSymbols, length,
                [&](const std::string& text) { ASSERT_THAT(disagreement(scheme(), text, 5), IsEmpty()); });
  }
}

// deepseek-v3 looks at 64 bytes from each word on.
TEST(SimdCuts, DeepseekV3CutsEveryShortTextWithMoreBehindAsTheReference) {
  constexpr std::string_view kSymbols[] = {"a", " ", "\n", "\t", "!", "1", "\x01", "\u3042"};
  constexpr SimdScheme kScheme = {"deepseek-v3", &SimdCuts::deepseek_v3};
  for (int length = 1; length <= 5; ++length) {
    each_string(kSymbols, length, [&](const std::string& text) {
      ASSERT_THAT(disagreement(kScheme, text + std::string(64, 'b'), 100), IsEmpty());
      ASSERT_THAT(disagreement(kScheme, std::string(61, '\n') + text, 7), IsEmpty());
    });
  }
}

// All short strings in a row meet all borders of blocks.
TEST_P(SimdCutsTest, AllShortStringsInARowAreCutLikeTheReference) {
  std::string text;
  each_string(kManySymbols, 3, [&](const std::string& string) { text += string; });
  EXPECT_THAT(disagreement(scheme(), text, 4096), IsEmpty());
  text.insert(0, "ab.");
  EXPECT_THAT(disagreement(scheme(), text, 97), IsEmpty());
}

TEST_P(SimdCutsTest, RandomTextsAreCutLikeTheReferenceWhereverEndsRunOut) {
  const RandomKey key = random_key(4, Purpose::kTest);
  uint64_t drawn = 0;
  const auto below = [&](uint64_t n) { return random_below(drawn++, key, n); };
  for (int round = 0; round < 1500; ++round) {
    // Few symbols at a time make long runs.
    const uint64_t symbols = 1 + below(std::size(kManySymbols));
    const uint64_t first = below(std::size(kManySymbols));
    const uint64_t length = below(round % 8 == 0 ? 600 : 100);
    std::string text = "x";
    for (uint64_t i = 0; i < length; ++i) {
      text += kManySymbols[(first + below(symbols)) % std::size(kManySymbols)];
    }
    ASSERT_THAT(disagreement(scheme(), ExactText(text).text, 1 + below(200)), IsEmpty());
  }
}

TEST_P(SimdCutsTest, AnyBytesAreCutLikeTheReference) {
  const RandomKey key = random_key(5, Purpose::kTest);
  std::string text;
  for (uint64_t i = 0; i < 100000; ++i) text += static_cast<char>(random_below(i, key, 256));
  EXPECT_THAT(disagreement(scheme(), text, 1000), IsEmpty());
}

TEST_P(SimdCutsTest, EveryCharacterHasTheClassThatTheReferenceSees) {
  std::string text;
  for (uint32_t c = 0; c < 0x20000; ++c) {
    text += c % 3 == 0 ? "a" : c % 3 == 1 ? "1" : "!";
    append_utf8(text, c);
  }
  EXPECT_THAT(disagreement(scheme(), text, 1000), IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(Schemes, SimdCutsTest, ::testing::ValuesIn(kSimdSchemes), [](const auto& one) {
  std::string name = one.param.name;
  std::replace(name.begin(), name.end(), '.', '_');
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
});

}  // namespace
}  // namespace aurora::pretokenize
