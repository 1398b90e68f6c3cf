#include "aurora/infer/ngram_index.h"

#include <gtest/gtest.h>

namespace aurora::infer {
namespace {

std::vector<int32_t> guess(const std::vector<int32_t>& tokens, int64_t count) {
  NgramIndex index;
  index.extend(tokens);
  const auto guessed = index.guess(tokens, count);
  return {guessed.begin(), guessed.end()};
}

TEST(NgramIndex, GuessesWhatFollowedTheLatestThreeTokens) {
  EXPECT_EQ(guess({1, 2, 3, 4, 5, 9, 1, 2, 3}, 2), (std::vector<int32_t>{4, 5}));
  EXPECT_EQ(guess({1, 2, 3, 4, 5, 9, 1, 2, 3}, 99), (std::vector<int32_t>{4, 5, 9, 1, 2, 3}));
  EXPECT_EQ(guess({1, 2, 3, 4, 8, 1, 2, 3, 5, 8, 1, 2, 3}, 1), (std::vector<int32_t>{5})) << "the last time";
}

TEST(NgramIndex, GuessesNothingOfNewTokensOrTooFew) {
  EXPECT_TRUE(guess({}, 4).empty());
  EXPECT_TRUE(guess({1, 2, 3}, 4).empty());
  EXPECT_TRUE(guess({9, 2, 3, 4, 1, 2, 3}, 4).empty());
  EXPECT_TRUE(guess({1, 2, 3, 4, 1, 2, 3}, 0).empty());
}

TEST(NgramIndex, RepetitionGuessesItself) {
  EXPECT_EQ(guess({7, 7, 7, 7, 7}, 3), (std::vector<int32_t>{7}));
}

TEST(NgramIndex, GrowsTokenByToken) {
  NgramIndex index;
  std::vector<int32_t> tokens;
  for (int32_t i = 0; i < 3000; ++i) {
    tokens.push_back(i % 700);
    index.extend(tokens);
  }
  const auto guessed = index.guess(tokens, 2);
  ASSERT_EQ(guessed.size(), 2u);
  EXPECT_EQ(guessed[0], 3000 % 700);
  EXPECT_EQ(guessed[1], 3001 % 700);
}

}  // namespace
}  // namespace aurora::infer
