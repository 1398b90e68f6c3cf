#include "aurora/base/random.h"

#include <gtest/gtest.h>

#include <cmath>
#include <set>

namespace aurora {
namespace {

using Block = std::array<uint32_t, 4>;

// The published answers of Random123 (kat_vectors, philox4x32 with 10 rounds).
TEST(Philox, GivesThePublishedAnswers) {
  EXPECT_EQ(philox4x32({0, 0, 0, 0}, {0, 0}), (Block{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}));
  EXPECT_EQ(philox4x32({0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff}, {0xffffffff, 0xffffffff}),
            (Block{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}));
  EXPECT_EQ(philox4x32({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}),
            (Block{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}));
}

TEST(Philox, CounterAndKeyAreSplitLowWordFirst) {
  EXPECT_EQ(philox(0x0123456789abcdef, {0xfedcba9876543210}),
            philox4x32({0x89abcdef, 0x01234567, 0, 0}, {0x76543210, 0xfedcba98}));
}

TEST(RandomKey, DiffersInEveryPart) {
  std::set<uint64_t> keys;
  for (uint64_t seed : {0u, 1u}) {
    for (Purpose purpose : {Purpose::kInit, Purpose::kOrder}) {
      keys.insert(random_key(seed, purpose).value);
      keys.insert(random_key(seed, purpose, {0}).value);
      keys.insert(random_key(seed, purpose, {0, 1}).value);
      keys.insert(random_key(seed, purpose, {1, 0}).value);
    }
  }
  EXPECT_EQ(keys.size(), 16u);
}

// Never to change: weights, order and held-out documents of every run follow from these.
TEST(RandomKey, StaysTheSameForever) {
  const RandomKey key = random_key(1234, Purpose::kInit, {7, 9});
  EXPECT_EQ(key.value, 2313563257395907812u);
  EXPECT_EQ(random_u64(5, key), 13426792647669868490u);
}

TEST(Random, UniformFillsTheUnitInterval) {
  const RandomKey key = random_key(1, Purpose::kTest);
  double sum = 0, least = 1, most = 0;
  for (uint64_t i = 0; i < 20000; ++i) {
    const double value = random_uniform(i, key);
    ASSERT_GE(value, 0.0);
    ASSERT_LT(value, 1.0);
    sum += value;
    least = std::min(least, value);
    most = std::max(most, value);
  }
  EXPECT_NEAR(sum / 20000, 0.5, 0.01);
  EXPECT_LT(least, 0.001);
  EXPECT_GT(most, 0.999);
}

TEST(Random, NormalHasMeanZeroAndDeviationOne) {
  const RandomKey key = random_key(2, Purpose::kTest);
  double sum = 0, squares = 0, fourth = 0;
  const int count = 50000;
  for (uint64_t i = 0; i < count; ++i) {
    const double value = random_normal(i, key);
    ASSERT_TRUE(std::isfinite(value));
    sum += value;
    squares += value * value;
    fourth += value * value * value * value;
  }
  EXPECT_NEAR(sum / count, 0, 0.02);
  EXPECT_NEAR(squares / count, 1, 0.03);
  EXPECT_NEAR(fourth / count, 3, 0.2);
}

TEST(Random, BelowIsEvenAndInBounds) {
  const RandomKey key = random_key(3, Purpose::kTest);
  std::array<int, 6> counts{};
  for (uint64_t i = 0; i < 12000; ++i) ++counts[random_below(i, key, 6)];
  for (int count : counts) EXPECT_NEAR(count, 2000, 200);
  EXPECT_EQ(random_below(0, key, 1), 0u);
}

}  // namespace
}  // namespace aurora
