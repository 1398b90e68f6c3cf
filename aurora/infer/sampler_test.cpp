#include "aurora/infer/sampler.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numeric>
#include <set>
#include <utility>
#include <vector>

#include "aurora/base/error.h"
#include "aurora/base/random.h"

namespace aurora::infer {
namespace {

struct Drawing {
  explicit Drawing(Sampling settings) : sampling(std::move(settings)) {}
  Sampling sampling;
  std::vector<int32_t> prompt = {};
  std::vector<int32_t> answer = {};
  std::vector<uint64_t> allowed = {};
  int64_t known = -1;  // all
  int64_t choice = 0;
  int top_logprobs = -1;
};

TokenLogprobs draw(std::vector<float> logits, const Drawing& drawing, int64_t position = 0) {
  TokenCounts counts(drawing.sampling, drawing.prompt);
  for (const int32_t token : drawing.answer) counts.add(token);
  Sampler sampler;
  return sampler.draw(logits,
                      {.sampling = drawing.sampling,
                       .counts = counts,
                       .allowed = drawing.allowed,
                       .known = drawing.known < 0 ? static_cast<int64_t>(logits.size()) : drawing.known,
                       .choice = drawing.choice,
                       .position = position,
                       .top_logprobs = drawing.top_logprobs});
}

std::set<int32_t> seen(const std::vector<float>& logits, const Drawing& drawing) {
  std::set<int32_t> tokens;
  for (int64_t position = 0; position < 600; ++position) tokens.insert(draw(logits, drawing, position).token);
  return tokens;
}

std::vector<float> logs(const std::vector<double>& probabilities) {
  std::vector<float> logits;
  for (const double p : probabilities) logits.push_back(static_cast<float>(std::log(p)));
  return logits;
}

TEST(Sampler, TemperatureZeroTakesTheMostLikelyAndTheSmallerIdOfEquals) {
  EXPECT_EQ(sample_token(std::vector<float>{0.5f, 2.0f, -1.0f, 2.0f}, {.temperature = 0}, 5), 1);
}

TEST(Sampler, TopKOneIsGreedyAtAnyTemperature) {
  const std::vector<float> logits = {0.5f, 2.0f, 3.0f, 2.0f};
  for (int64_t position = 0; position < 50; ++position)
    EXPECT_EQ(sample_token(logits, {.temperature = 5, .top_k = 1}, position), 2);
}

TEST(Sampler, TopKKeepsTheSmallerIdsOfEquals) {
  EXPECT_EQ(seen({1, 1, 1, 1}, Drawing(Sampling{.temperature = 1, .top_k = 2, .top_p = 1})),
            (std::set<int32_t>{0, 1}));
}

TEST(Sampler, TopPKeepsTheFewestTokensThatReachIt) {
  EXPECT_EQ(seen(logs({0.2, 0.5, 0.3}), Drawing(Sampling{.temperature = 1, .top_p = 0.7})),
            (std::set<int32_t>{1, 2}));
  EXPECT_EQ(seen(logs({0.2, 0.5, 0.3}), Drawing(Sampling{.temperature = 1, .top_p = 1e-9})),
            (std::set<int32_t>{1}));
}

TEST(Sampler, TopPIsAShareOfWhatTopKLeft) {
  // Of 0.4, 0.3, 0.2, 0.1 top-k leaves 0.4 and 0.3: shares 0.57 and 0.43.
  const std::vector<float> logits = logs({0.4, 0.3, 0.2, 0.1});
  EXPECT_EQ(seen(logits, Drawing(Sampling{.temperature = 1, .top_k = 2, .top_p = 0.5})),
            (std::set<int32_t>{0}));
  EXPECT_EQ(seen(logits, Drawing(Sampling{.temperature = 1, .top_p = 0.5})), (std::set<int32_t>{0, 1}));
}

TEST(Sampler, MinPIsAShareOfTheLikeliest) {
  const std::vector<float> logits = logs({0.5, 0.3, 0.15, 0.05});
  EXPECT_EQ(seen(logits, Drawing(Sampling{.temperature = 1, .top_p = 1, .min_p = 0.25})),
            (std::set<int32_t>{0, 1, 2}));
  EXPECT_EQ(seen(logits, Drawing(Sampling{.temperature = 1, .top_p = 1, .min_p = 1})),
            (std::set<int32_t>{0}));
}

TEST(Sampler, TemperatureComesBeforeTopPAndMinP) {
  // Squared and scaled, 0.6, 0.4 become 0.69, 0.31.
  const std::vector<float> logits = logs({0.6, 0.4});
  EXPECT_EQ(seen(logits, Drawing(Sampling{.temperature = 0.5, .top_p = 0.65})), (std::set<int32_t>{0}));
  EXPECT_EQ(seen(logits, Drawing(Sampling{.temperature = 0.5, .top_p = 1, .min_p = 0.5})),
            (std::set<int32_t>{0}));
  EXPECT_EQ(seen(logits, Drawing(Sampling{.temperature = 1, .top_p = 0.65})), (std::set<int32_t>{0, 1}));
}

TEST(Sampler, FollowsTheProbabilities) {
  for (const Sampling& sampling :
       {Sampling{.temperature = 1, .top_p = 1}, Sampling{.temperature = 1, .top_k = 2, .top_p = 1},
        Sampling{.temperature = 2, .top_p = 0.999}}) {
    const double share = sampling.temperature == 1 ? 0.7 : std::sqrt(0.7) / (std::sqrt(0.7) + std::sqrt(0.3));
    int first = 0;
    for (int64_t position = 0; position < 4000; ++position)
      first += sample_token(logs({0.7, 0.3}), sampling, position) == 0;
    EXPECT_NEAR(first / 4000.0, share, 0.03);
  }
}

TEST(Sampler, SameSeedAndPositionGiveTheSameTokenAndOtherSeedsAndChoicesOthers) {
  const std::vector<float> logits(64, 0.0f);
  std::vector<int32_t> a, b, other_seed, other_choice;
  for (int64_t position = 0; position < 20; ++position) {
    Drawing drawing(Sampling{.temperature = 1, .top_p = 1, .seed = 1});
    a.push_back(draw(logits, drawing, position).token);
    b.push_back(draw(logits, drawing, position).token);
    drawing.choice = 1;
    other_choice.push_back(draw(logits, drawing, position).token);
    other_seed.push_back(
        draw(logits, Drawing(Sampling{.temperature = 1, .top_p = 1, .seed = 2}), position).token);
  }
  EXPECT_EQ(a, b);
  EXPECT_NE(a, other_seed);
  EXPECT_NE(a, other_choice);
}

TEST(Sampler, BiasIsAddedAndBiasesOfOneTokenAddUp) {
  const std::vector<float> logits = {0, 1, 2};
  Drawing drawing(Sampling{.temperature = 0, .logit_bias = {{0, 2.5}}});
  EXPECT_EQ(draw(logits, drawing).token, 0);
  drawing.sampling.logit_bias = {{0, 1.5}};
  EXPECT_EQ(draw(logits, drawing).token, 2);
  drawing.sampling.logit_bias = {{0, 1.5}, {0, 1}, {99, 100}};
  EXPECT_EQ(draw(logits, drawing).token, 0);
}

TEST(Sampler, RepetitionDividesPositiveLogitsAndMultipliesOthersOfPromptAndAnswer) {
  Drawing drawing(Sampling{.temperature = 0, .repetition_penalty = 2});
  drawing.prompt = {0};
  EXPECT_EQ(draw({3, 1.6f}, drawing).token, 1);  // 3 -> 1.5
  EXPECT_EQ(draw({3, 1.4f}, drawing).token, 0);
  EXPECT_EQ(draw({-1, -1.5f}, drawing).token, 1);  // -1 -> -2
  drawing.prompt = {};
  drawing.answer = {0, 0, 0};
  EXPECT_EQ(draw({3, 1.4f}, drawing).token, 0) << "often counts like once";
}

TEST(Sampler, FrequencyAndPresenceCountTheAnswerOnly) {
  Drawing drawing(Sampling{.temperature = 0, .presence_penalty = 0.5, .frequency_penalty = 0.25});
  drawing.prompt = {0, 0, 0};
  drawing.answer = {};
  EXPECT_EQ(draw({2, 1.9f}, drawing).token, 0);
  drawing.answer = {0, 0};  // 2 - 0.5 - 2 * 0.25 = 1
  EXPECT_EQ(draw({2, 0.9f}, drawing).token, 0);
  EXPECT_EQ(draw({2, 1.1f}, drawing).token, 1);
}

TEST(Sampler, PenaltiesFollowTheBias) {
  // (1 + 3) / 2 = 2, not 1 / 2 + 3.
  Drawing drawing(Sampling{.temperature = 0, .repetition_penalty = 2, .logit_bias = {{0, 3}}});
  drawing.prompt = {0};
  EXPECT_EQ(draw({1, 2.5f}, drawing).token, 1);
}

TEST(Sampler, OnlyAllowedAndKnownTokensAreDrawn) {
  std::vector<float> logits(130, 0.0f);
  logits[7] = 9;
  Drawing drawing(Sampling{.temperature = 1, .top_p = 1});
  drawing.allowed = {0, uint64_t{1} << 5, 3};  // 69, 128, 129
  EXPECT_EQ(seen(logits, drawing), (std::set<int32_t>{69, 128, 129}));
  drawing.known = 129;
  EXPECT_EQ(seen(logits, drawing), (std::set<int32_t>{69, 128}));
  drawing.sampling.temperature = 0;
  EXPECT_EQ(draw(logits, drawing).token, 69);
  drawing.allowed = {0, 0, 0};
  EXPECT_EQ(draw(logits, drawing).token, kNoToken);
}

TEST(Sampler, LogitsThatAreNoNumbersAreNeverDrawn) {
  const float nan = std::numeric_limits<float>::quiet_NaN(), inf = std::numeric_limits<float>::infinity();
  const Sampling warm{.temperature = 1, .top_p = 1};
  EXPECT_EQ(sample_token(std::vector<float>{nan, nan}, warm, 0), kNoToken);
  EXPECT_EQ(sample_token(std::vector<float>{-inf, nan, -3}, warm, 0), 2);
  EXPECT_EQ(sample_token(std::vector<float>{-inf, nan, -3}, {}, 0), 2);
  EXPECT_EQ(sample_token(std::vector<float>{1, inf}, warm, 0), kNoToken);
}

TEST(Sampler, LogprobsAreOfTheRawLogits) {
  const std::vector<float> logits = logs({0.5, 0.25, 0.125, 0.125});
  Drawing drawing(Sampling{.temperature = 0, .logit_bias = {{1, 50}, {1, 1}}});
  drawing.top_logprobs = 3;
  const TokenLogprobs drawn = draw(logits, drawing);
  EXPECT_EQ(drawn.token, 1);
  EXPECT_NEAR(drawn.logprob, std::log(0.25), 1e-7);
  ASSERT_EQ(drawn.top.size(), 3u);
  EXPECT_EQ(drawn.top[0].token, 0);
  EXPECT_EQ(drawn.top[1].token, 1);
  EXPECT_EQ(drawn.top[2].token, 2) << "of equals the smaller id";
  EXPECT_NEAR(drawn.top[0].logprob, std::log(0.5), 1e-7);
}

TEST(Sampler, LogprobsCountPaddingOfTheVocabulary) {
  Drawing drawing(Sampling{.temperature = 0});
  drawing.top_logprobs = 0;
  drawing.known = 1;
  EXPECT_NEAR(draw(logs({0.25, 0.75}), drawing).logprob, std::log(0.25), 1e-7);
}

// What the settings say, by sorting everything.
int32_t textbook(const std::vector<float>& logits, const Sampling& sampling, int64_t position) {
  std::vector<int32_t> ids(logits.size());
  std::iota(ids.begin(), ids.end(), 0);
  std::stable_sort(ids.begin(), ids.end(), [&](int32_t a, int32_t b) { return logits[a] > logits[b]; });
  const auto weight = [&](int32_t id) {
    return std::exp((double{logits[id]} - double{logits[ids[0]]}) / sampling.temperature);
  };
  if (sampling.top_k > 0 && sampling.top_k < static_cast<int64_t>(ids.size()))
    ids.resize(static_cast<size_t>(sampling.top_k));
  double total = 0, reached = 0;
  for (const int32_t id : ids) total += weight(id);
  std::vector<int32_t> kept;
  for (const int32_t id : ids) {
    if (weight(id) < sampling.min_p || (!kept.empty() && reached >= sampling.top_p * total)) break;
    kept.push_back(id);
    reached += weight(id);
  }
  std::sort(kept.begin(), kept.end());
  double sum = 0;
  for (const int32_t id : kept) sum += weight(id);
  double target =
      sum * random_uniform(static_cast<uint64_t>(position), random_key(sampling.seed, Purpose::kSample, {0}));
  for (const int32_t id : kept)
    if ((target -= weight(id)) < 0) return id;
  return kept.back();
}

TEST(Sampler, IsTheTextbooksOnRandomRows) {
  const RandomKey key = random_key(3, Purpose::kTest);
  for (uint64_t round = 0; round < 300; ++round) {
    const auto number = [&](uint64_t what, uint64_t bound) {
      return random_below(round * 8 + what, key, bound);
    };
    const float spread = std::array{0.01f, 1.0f, 4.0f, 30.0f}[number(0, 4)];
    std::vector<float> logits(1 + number(1, 5000));
    for (size_t i = 0; i < logits.size(); ++i)
      logits[i] = spread * random_normal(i, random_key(round, Purpose::kTest));
    Sampling sampling;
    sampling.temperature = std::array{0.1, 0.7, 1.0, 3.0}[number(2, 4)];
    sampling.top_k = std::array<int64_t, 5>{0, 0, 2, 50, 3000}[number(3, 5)];
    sampling.top_p = std::array{1.0, 1.0, 0.3, 0.95, 0.9999}[number(4, 5)];
    sampling.min_p = std::array{0.0, 0.0, 0.05, 0.6, 0.9}[number(5, 5)];
    for (int64_t position = 0; position < 8; ++position)
      ASSERT_EQ(sample_token(logits, sampling, position), textbook(logits, sampling, position))
          << "size " << logits.size() << " spread " << spread << " T " << sampling.temperature << " k "
          << sampling.top_k << " p " << sampling.top_p << " min " << sampling.min_p;
  }
}

TEST(Sampler, RefusesValuesOutOfRangeByFlag) {
  EXPECT_THROW(check_sampling({.temperature = -1}), UsageError);
  EXPECT_THROW(check_sampling({.top_p = 0}), UsageError);
  EXPECT_THROW(check_sampling({.top_k = -1}), UsageError);
  EXPECT_THROW(check_sampling({.min_p = 1.5}), UsageError);
  EXPECT_THROW(check_sampling({.repetition_penalty = 0}), UsageError);
  EXPECT_THROW(check_sampling({.presence_penalty = 2.5}), UsageError);
  EXPECT_THROW(check_sampling({.frequency_penalty = std::nan("")}), UsageError);
  EXPECT_THROW(check_sampling({.logit_bias = {{0, 101}}}), UsageError);
  EXPECT_THROW(check_sampling({.logit_bias = {{-1, 1}}}), UsageError);
  EXPECT_NO_THROW(check_sampling({}));
}

}  // namespace
}  // namespace aurora::infer
