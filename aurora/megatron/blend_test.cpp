// The rule as Megatron writes it, every dataset asked at every step, against ours; known small blends by
// hand.
#include "aurora/megatron/blend.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <numeric>
#include <string>
#include <vector>

#include "aurora/base/error.h"
#include "aurora/base/random.h"
#include "aurora/megatron/blend_blocks.h"
#include "aurora/megatron/blend_lanes.h"
#include "aurora/megatron/greedy_run.h"

namespace aurora::megatron {
namespace {

struct Blend {
  std::vector<int16_t> datasets;
  std::vector<int64_t> samples;
  explicit Blend(size_t size) : datasets(size), samples(size) {}
  Blend(std::vector<int16_t> d, std::vector<int64_t> s) : datasets(std::move(d)), samples(std::move(s)) {}
  bool operator==(const Blend&) const = default;
};

Blend textbook(const std::vector<double>& weights, size_t size) {
  Blend blend(size);
  std::vector<int64_t> taken(weights.size());
  for (size_t n = 0; n < size; ++n) {
    const double target = std::max(static_cast<double>(n), 1.0);
    size_t best = 0;
    double most = weights[0] * target - static_cast<double>(taken[0]);
    for (size_t i = 1; i < weights.size(); ++i) {
      const double error = weights[i] * target - static_cast<double>(taken[i]);
      if (error > most) {
        most = error;
        best = i;
      }
    }
    blend.datasets[n] = static_cast<int16_t>(best);
    blend.samples[n] = taken[best]++;
  }
  return blend;
}

Blend textbook_exhaustive(const std::vector<int64_t>& sizes) {
  const int64_t total = std::accumulate(sizes.begin(), sizes.end(), int64_t{0});
  Blend blend(static_cast<size_t>(total));
  std::vector<int64_t> taken(sizes.size());
  for (size_t n = 0; n < blend.datasets.size(); ++n) {
    const double target = std::max(static_cast<double>(n), 1.0);
    size_t best = sizes.size();
    double most = std::numeric_limits<double>::lowest();
    for (size_t i = 0; i < sizes.size(); ++i) {
      if (taken[i] == sizes[i]) continue;
      const double weight = static_cast<double>(sizes[i]) / static_cast<double>(total);
      const double error = weight * target - static_cast<double>(taken[i]);
      if (error > most) {
        most = error;
        best = i;
      }
    }
    blend.datasets[n] = static_cast<int16_t>(best);
    blend.samples[n] = taken[best]++;
  }
  return blend;
}

Blend ours(const std::vector<double>& weights, size_t size, Pool& pool = Pool::serial()) {
  Blend blend(size);
  greedy_blend(weights, blend.datasets, blend.samples, pool);
  return blend;
}

Blend ours_exhaustive(const std::vector<int64_t>& sizes) {
  Blend blend(static_cast<size_t>(std::accumulate(sizes.begin(), sizes.end(), int64_t{0})));
  exhaustive_blend(sizes, blend.datasets, blend.samples, Pool::serial());
  return blend;
}

std::vector<double> normalised(std::vector<double> weights) {
  const double sum = std::accumulate(weights.begin(), weights.end(), 0.0);
  for (double& weight : weights) weight /= sum;
  return weights;
}

enum Kind { kRandom, kHeavyTail, kNearlyEqual, kEqual, kFewValues, kZeros, kDyadic, kOneBig, kKinds };

std::vector<double> random_weights(Kind kind, size_t count, uint64_t seed) {
  const RandomKey key = random_key(seed, Purpose::kTest, {static_cast<uint64_t>(kind)});
  std::vector<double> weights(count);
  for (size_t i = 0; i < count; ++i) {
    const double u = random_uniform(i, key);
    switch (kind) {
      case kRandom:
        weights[i] = -std::log(1 - u);
        break;  // normalised: Dirichlet(1)
      case kHeavyTail:
        weights[i] = std::pow(u + 1e-12, -2.5);
        break;
      case kNearlyEqual:
        weights[i] = 1 + 1e-9 * u;
        break;
      case kEqual:
        weights[i] = 1;
        break;
      case kFewValues:
        weights[i] = 1 + static_cast<double>(random_below(i, key, 5));
        break;
      case kZeros:
        weights[i] = u < 0.5 ? 0 : u;
        break;
      case kDyadic:
        weights[i] = std::exp2(-static_cast<double>(random_below(i, key, 6)));
        break;
      case kOneBig:
        weights[i] = i == count / 2 ? 1e6 : u;
        break;
      case kKinds:
        break;
    }
  }
  if (kind == kZeros) weights.back() = 1;
  return normalised(weights);
}

std::string first_difference(const Blend& a, const Blend& b) {
  for (size_t n = 0; n < a.datasets.size(); ++n)
    if (a.datasets[n] != b.datasets[n] || a.samples[n] != b.samples[n])
      return "step " + std::to_string(n) + ": " + std::to_string(a.datasets[n]) + " for " +
             std::to_string(b.datasets[n]);
  return "none";
}

TEST(Blend, SmallBlendsByHand) {
  // Step 0 has the target of step 1. Errors: (.75, .25) (-.25, .25) (.5, -.5) (.25, -.25) (0, 0) (-.25, .25);
  // the tie goes to the lower number.
  EXPECT_EQ(ours({0.75, 0.25}, 6), Blend({0, 1, 0, 0, 0, 1}, {0, 0, 1, 2, 3, 1}));
  EXPECT_EQ(ours({0.5, 0.5}, 5), Blend({0, 1, 0, 1, 0}, {0, 0, 1, 1, 2}));
  EXPECT_EQ(ours({1.0}, 3), Blend({0, 0, 0}, {0, 1, 2}));
  // All errors are 0 at step 2: the first dataset is taken though its weight is 0.
  EXPECT_EQ(ours({0.0, 0.5, 0.5}, 4), Blend({1, 2, 0, 1}, {0, 0, 0, 1}));
  EXPECT_EQ(ours({0.3, 0.7}, 0), Blend(0));
}

TEST(Blend, ExhaustiveBlendsByHand) {
  EXPECT_EQ(ours_exhaustive({1, 3}), Blend({1, 0, 1, 1}, {0, 0, 1, 2}));
  EXPECT_EQ(ours_exhaustive({2}), Blend({0, 0}, {0, 1}));
  EXPECT_EQ(ours_exhaustive({1, 1, 1}), Blend({0, 1, 2}, {0, 0, 0}));
}

TEST(Blend, EqualsTheTextbookForAllKindsOfWeights) {
  for (int kind = 0; kind < kKinds; ++kind) {
    for (uint64_t seed = 0; seed < 30; ++seed) {
      const RandomKey key = random_key(seed, Purpose::kTest, {77});
      const size_t count = 1 + static_cast<size_t>(random_below(0, key, seed < 15 ? 70 : 400));
      const auto size = static_cast<size_t>(random_below(1, key, 6000));
      const std::vector<double> weights = random_weights(static_cast<Kind>(kind), count, seed);
      const Blend expected = textbook(weights, size);
      ASSERT_EQ(first_difference(ours(weights, size), expected), "none")
          << "kind " << kind << " seed " << seed << " datasets " << count;
    }
  }
}

TEST(Blend, EqualsTheTextbookForManyDatasets) {
  for (int kind = 0; kind < kKinds; ++kind) {
    const std::vector<double> weights = random_weights(static_cast<Kind>(kind), 2500, 5);
    ASSERT_EQ(first_difference(ours(weights, 12000), textbook(weights, 12000)), "none") << "kind " << kind;
  }
  const std::vector<double> most = random_weights(kHeavyTail, 32767, 5);
  ASSERT_EQ(first_difference(ours(most, 3000), textbook(most, 3000)), "none");
}

TEST(Blend, WeightsWhoseSumIsNotOneAreFollowedToo) {
  for (const double factor : {0.1, 0.7, 3.0}) {
    std::vector<double> weights = random_weights(kRandom, 300, 9);
    for (double& weight : weights) weight *= factor;
    Blend blend(30000);
    const BlendWork work = blend_in_blocks(weights, blend.datasets, blend.samples, Pool::serial(),
                                           {.length = 5000, .warm_up = 1000});
    ASSERT_EQ(first_difference(blend, textbook(weights, 30000)), "none") << factor;
    EXPECT_EQ(work.guessed_wrong, 5u);  // shares say nothing about the counts; the first block needs no guess
  }
}

TEST(Blend, StepsBeyond32BitsAreExact) {
  const int64_t step = (int64_t{1} << 40) + 12345;
  const std::vector<double> weights = random_weights(kHeavyTail, 300, 8);
  std::vector<int64_t> taken(weights.size());
  for (size_t i = 0; i < weights.size(); ++i)
    taken[i] = static_cast<int64_t>(weights[i] * static_cast<double>(step));
  const WeightClasses classes = weight_classes(weights);
  ASSERT_TRUE(classes.singles);
  GreedyRun run(classes, lane_loops()[0]);
  run.restart(taken, step);
  Blend blend(5000);
  run.take(blend.datasets, blend.samples);
  for (size_t n = 0; n < 5000; ++n) {
    size_t best = 0;
    const auto error = [&](size_t i) {
      return weights[i] * static_cast<double>(step + static_cast<int64_t>(n)) - static_cast<double>(taken[i]);
    };
    for (size_t i = 1; i < weights.size(); ++i)
      if (error(i) > error(best)) best = i;
    ASSERT_EQ(blend.datasets[n], best) << n;
    ASSERT_EQ(blend.samples[n], taken[best]++) << n;
  }
  EXPECT_EQ(run.taken(), taken);
}

// ../shared/data/blend/dolma_v1_7.tsv beside the checkout, from wherever the test runs; empty when absent.
std::vector<double> real_weights() {
  std::vector<double> weights;
  for (std::filesystem::path folder = std::filesystem::current_path();; folder = folder.parent_path()) {
    std::ifstream list(folder / "shared/data/blend/dolma_v1_7.tsv");
    for (std::string line; std::getline(list, line);)
      if (!line.starts_with('#')) weights.push_back(std::stod(line));
    if (!weights.empty() || folder == folder.root_path()) return weights;
  }
}

TEST(Blend, EqualsTheTextbookOnTheRealList) {
  std::vector<double> weights = real_weights();
  if (weights.empty()) {
    std::printf("shared/data/blend/dolma_v1_7.tsv is absent: weights like its own are taken\n");
    weights = random_weights(kHeavyTail, 2419, 7);
  }
  weights = normalised(weights);
  const Blend expected = textbook(weights, 100000);
  Blend blend(100000);
  Pool pool(2);
  blend_in_blocks(weights, blend.datasets, blend.samples, pool, {.length = 30000, .warm_up = 5000});
  EXPECT_EQ(first_difference(blend, expected), "none");
}

TEST(Blend, EveryInstructionSetGivesTheSameBytes) {
  for (int kind = 0; kind < kKinds; ++kind) {
    for (const size_t count : {5u, 40u, 700u}) {
      const std::vector<double> weights = random_weights(static_cast<Kind>(kind), count, 3);
      const Blend expected = textbook(weights, 5000);
      for (size_t loops = 0; loops < lane_loops().size(); ++loops) {
        Blend blend(5000);
        blend_in_blocks(weights, blend.datasets, blend.samples, Pool::serial(), {.loops = loops});
        ASSERT_EQ(first_difference(blend, expected), "none")
            << lane_loops()[loops].name << " kind " << kind << " datasets " << count;
      }
    }
  }
}

TEST(Blend, BlocksThatBeginInAWrongStateAreMended) {
  Pool pool(2);
  size_t wrong = 0;
  for (int kind = 0; kind < kKinds; ++kind) {
    const std::vector<double> weights = random_weights(static_cast<Kind>(kind), 300, 11);
    const Blend expected = textbook(weights, 60000);
    Blend blend(60000);
    // So short a warm-up cannot find the true state.
    const BlendWork work =
        blend_in_blocks(weights, blend.datasets, blend.samples, pool, {.length = 7000, .warm_up = 3});
    ASSERT_EQ(first_difference(blend, expected), "none") << "kind " << kind;
    EXPECT_EQ(work.blocks, 9u);
    wrong += work.guessed_wrong;
  }
  EXPECT_GE(wrong, 5u);
}

TEST(Blend, UsualWarmUpsFindTheTrueState) {
  const std::vector<double> weights = random_weights(kRandom, 100, 4);
  Blend blend(100000);
  const BlendWork work = blend_in_blocks(weights, blend.datasets, blend.samples, Pool::serial(),
                                         {.length = 10000, .warm_up = 4096});
  EXPECT_EQ(work.blocks, 10u);
  EXPECT_EQ(work.mended_steps, 0);
  EXPECT_EQ(first_difference(blend, textbook(weights, 100000)), "none");
}

TEST(Blend, DoesNotDependOnThreads) {
  const std::vector<double> weights = random_weights(kHeavyTail, 500, 6);
  const Blend one = ours(weights, 400000);
  Pool pool(3);
  EXPECT_EQ(first_difference(ours(weights, 400000, pool), one), "none");
}

TEST(Blend, ExhaustiveEqualsTheTextbook) {
  for (uint64_t seed = 0; seed < 120; ++seed) {
    const RandomKey key = random_key(seed, Purpose::kTest, {78});
    std::vector<int64_t> sizes(1 + static_cast<size_t>(random_below(0, key, 120)));
    for (size_t i = 0; i < sizes.size(); ++i)
      sizes[i] = 1 + static_cast<int64_t>(seed % 3 == 0 ? random_below(i + 1, key, 3)
                                                        : random_below(i + 1, key, 100));
    ASSERT_EQ(first_difference(ours_exhaustive(sizes), textbook_exhaustive(sizes)), "none") << seed;
  }
}

TEST(Blend, RefusesWhatMegatronCannotBlend) {
  Blend blend(1);
  const auto refused = [&](const std::vector<double>& weights) {
    EXPECT_THROW(greedy_blend(weights, blend.datasets, blend.samples, Pool::serial()), Error);
  };
  refused({});
  refused({-0.5, 1});
  refused({std::nan(""), 1});
  refused({2.0});
  refused(std::vector<double>(32768, 1.0 / 32768));
  EXPECT_THROW(exhaustive_blend(std::vector<int64_t>{1, 0}, blend.datasets, blend.samples, Pool::serial()),
               Error);
}

}  // namespace
}  // namespace aurora::megatron
