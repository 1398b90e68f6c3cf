#include "aurora/infer/row_math.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "aurora/base/random.h"

namespace aurora::infer {
namespace {

using kernels::cpu::Isa;

std::vector<Isa> isas() {
  std::vector<Isa> all = {Isa::kPortable};
  if (kernels::cpu::isa() >= Isa::kAvx2) all.push_back(Isa::kAvx2);
  if (kernels::cpu::isa() >= Isa::kAvx512) all.push_back(Isa::kAvx512);
  return all;
}

std::vector<float> random_row(size_t size, float spread) {
  std::vector<float> row(size);
  for (size_t i = 0; i < size; ++i) row[i] = spread * random_normal(i, random_key(size, Purpose::kTest));
  return row;
}

constexpr Precision kPrecisions[] = {Precision::kFull, Precision::kDraw};

TEST(RowMath, WeightsAreTheExponential) {
  for (const Precision precision : kPrecisions) {
    for (const double scale : {1.0, 0.3, 10.0}) {
      const std::vector<float> row = random_row(1003, 20);
      const Exponent exponent{largest_logit(row), scale};
      std::vector<double> weights(row.size());
      exp_weights(row, exponent, precision, weights.data());
      const bool full = precision == Precision::kFull;
      for (size_t i = 0; i < row.size(); ++i) {
        const double x = (double{row[i]} - double{exponent.largest}) * scale;
        const double expected = x > (full ? -708 : -87) ? std::exp(x) : 0;
        // In f32 the exponent itself is rounded.
        const double error = full ? 1e-14 : std::ldexp(1.0, -22) + std::fabs(x) * std::ldexp(1.0, -22);
        EXPECT_LE(std::fabs(weights[i] - expected), error * expected + (full ? 0 : 2e-38)) << x;
      }
      EXPECT_EQ(*std::max_element(weights.begin(), weights.end()), 1.0);
    }
  }
}

TEST(RowMath, NothingAndNoNumberWeighNothing) {
  const std::vector<float> row = {0, -std::numeric_limits<float>::infinity(), std::nanf(""), -800, -80};
  for (const Precision precision : kPrecisions) {
    std::vector<double> weights(5);
    exp_weights(row, {0, 1}, precision, weights.data());
    EXPECT_EQ(weights[0], 1);
    EXPECT_EQ(weights[1], 0);
    EXPECT_EQ(weights[2], 0);
    EXPECT_EQ(weights[3], 0);
    EXPECT_GT(weights[4], 0);
  }
  EXPECT_EQ(largest_logit(row), 0);
}

TEST(RowMath, EveryInstructionSetGivesTheSameBits) {
  for (const size_t size : {1u, 7u, 8u, 9u, 16u, 23u, 1024u, 1025u, 5003u}) {
    const std::vector<float> row = random_row(size, 3);
    const float largest = largest_logit(row, Isa::kPortable);
    EXPECT_EQ(largest, *std::max_element(row.begin(), row.end()));
    for (const Precision precision : kPrecisions) {
      std::vector<double> blocks, other_blocks;
      const double sum = sum_of_weights(row, {largest, 0.7}, precision, &blocks, Isa::kPortable);
      for (const Isa isa : isas()) {
        EXPECT_EQ(sum_of_weights(row, {largest, 0.7}, precision, &other_blocks, isa), sum);
        EXPECT_EQ(other_blocks, blocks);
      }
    }
    std::vector<RowEntry> above;
    append_at_least(row, largest - 3, above, Isa::kPortable);
    for (const Isa isa : isas()) {
      EXPECT_EQ(largest_logit(row, isa), largest);
      std::vector<RowEntry> entries;
      append_at_least(row, largest - 3, entries, isa);
      ASSERT_EQ(entries.size(), above.size());
      for (size_t i = 0; i < above.size(); ++i) EXPECT_EQ(entries[i].token, above[i].token);
    }
  }
}

TEST(RowMath, TheSumIsThatOfTheWeights) {
  const std::vector<float> row = random_row(3001, 2);
  const Exponent exponent{largest_logit(row), 1};
  for (const Precision precision : kPrecisions) {
    std::vector<double> weights(row.size());
    exp_weights(row, exponent, precision, weights.data());
    double sum = 0;
    for (const double weight : weights) sum += weight;
    EXPECT_NEAR(sum_of_weights(row, exponent, precision), sum, 1e-12 * sum);
  }
}

TEST(RowMath, LikeliestFirstAndOfEqualsTheSmallerId) {
  const std::vector<float> row = {1, -200, 3, 3, 2};
  const std::vector<RowEntry> three = likeliest(row, 3);
  ASSERT_EQ(three.size(), 3u);
  EXPECT_EQ(three[0].token, 2);
  EXPECT_EQ(three[1].token, 3);
  EXPECT_EQ(three[2].token, 4);
  EXPECT_EQ(likeliest(row, 5).back().token, 1);
  EXPECT_EQ(likeliest(row, 9).size(), 5u);
  EXPECT_TRUE(likeliest(row, 0).empty());
}

TEST(RowMath, TheCutIsReachedByAsManyAsAskedForAndNotManyMore) {
  for (const float spread : {1e-3f, 1.0f, 30.0f}) {
    const std::vector<float> row = random_row(50000, spread);
    for (const int64_t count : {1, 5, 40, 300}) {
      const float cut = cut_of_likeliest(row, count);
      const auto reached = std::count_if(row.begin(), row.end(), [&](float logit) { return logit >= cut; });
      EXPECT_GE(reached, count);
      EXPECT_LE(reached, 4 * count);
      std::vector<float> sorted = row;
      std::sort(sorted.rbegin(), sorted.rend());
      const std::vector<RowEntry> entries = likeliest(row, count);
      ASSERT_EQ(static_cast<int64_t>(entries.size()), count);
      for (size_t i = 0; i < entries.size(); ++i) EXPECT_EQ(entries[i].logit, sorted[i]);
    }
  }
}

}  // namespace
}  // namespace aurora::infer
