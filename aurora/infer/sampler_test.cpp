#include "aurora/infer/sampler.h"

#include <gtest/gtest.h>

#include <cmath>
#include <set>
#include <vector>

#include "aurora/base/error.h"

namespace aurora::infer {
namespace {

TEST(Sampler, TemperatureZeroTakesTheMostLikelyAndTheSmallerIdOfEquals) {
  const std::vector<float> logits = {0.5f, 2.0f, -1.0f, 2.0f};
  EXPECT_EQ(sample_token(logits, {.temperature = 0}, 5), 1);
}

TEST(Sampler, TopKOneIsGreedyAtAnyTemperature) {
  const std::vector<float> logits = {0.5f, 2.0f, 3.0f, 2.0f};
  for (int64_t position = 0; position < 50; ++position)
    EXPECT_EQ(sample_token(logits, {.temperature = 5, .top_k = 1}, position), 2);
}

TEST(Sampler, TopPKeepsTheFewestTokensThatReachIt) {
  // Probabilities 0.5, 0.3, 0.2.
  const std::vector<float> logits = {std::log(0.5f), std::log(0.3f), std::log(0.2f)};
  std::set<int32_t> seen;
  for (int64_t position = 0; position < 400; ++position)
    seen.insert(sample_token(logits, {.temperature = 1, .top_p = 0.7}, position));
  EXPECT_EQ(seen, (std::set<int32_t>{0, 1}));
}

TEST(Sampler, FollowsTheProbabilities) {
  const std::vector<float> logits = {std::log(0.7f), std::log(0.3f)};
  int first = 0;
  for (int64_t position = 0; position < 4000; ++position)
    first += sample_token(logits, {.temperature = 1, .top_p = 1}, position) == 0;
  EXPECT_NEAR(first / 4000.0, 0.7, 0.03);
}

TEST(Sampler, SameSeedAndPositionGiveTheSameTokenAndOtherSeedsOthers) {
  const std::vector<float> logits(64, 0.0f);
  std::vector<int32_t> a, b, c;
  for (int64_t position = 0; position < 20; ++position) {
    a.push_back(sample_token(logits, {.temperature = 1, .top_p = 1, .seed = 1}, position));
    b.push_back(sample_token(logits, {.temperature = 1, .top_p = 1, .seed = 1}, position));
    c.push_back(sample_token(logits, {.temperature = 1, .top_p = 1, .seed = 2}, position));
  }
  EXPECT_EQ(a, b);
  EXPECT_NE(a, c);
}

TEST(Sampler, RefusesValuesOutOfRangeByFlag) {
  EXPECT_THROW(check_sampling({.temperature = -1}), UsageError);
  EXPECT_THROW(check_sampling({.top_p = 0}), UsageError);
  EXPECT_THROW(check_sampling({.top_k = -1}), UsageError);
}

}  // namespace
}  // namespace aurora::infer
