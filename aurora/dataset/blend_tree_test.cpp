#include "aurora/dataset/blend_tree.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "aurora/base/random.h"

namespace aurora::dataset {
namespace {

// Walks the first `samples` samples: every source must get 0, 1, 2 ... in order. Returns the largest distance
// between a source's count and its due after any prefix.
double walk(const std::vector<double>& weights, uint64_t samples) {
  BlendTree tree(weights);
  double sum = 0;
  for (double w : weights) sum += w;
  std::vector<uint64_t> seen(weights.size());
  double worst = 0;
  for (uint64_t n = 0; n < samples; ++n) {
    auto [source, index] = tree(n);
    EXPECT_EQ(index, seen[source]) << "sample " << n;
    if (index != seen[source]) return 1e9;
    ++seen[source];
    // Only the chosen source can be too high; a source is lowest just before it is chosen.
    double share = weights[source] / sum;
    worst = std::max(worst, std::abs(static_cast<double>(seen[source]) - share * static_cast<double>(n + 1)));
    worst = std::max(worst, std::abs(static_cast<double>(seen[source] - 1) - share * static_cast<double>(n)));
  }
  EXPECT_EQ(tree.counts(samples), seen);
  return worst;
}

TEST(BlendTree, TwoEqualSourcesTakeTurns) {
  BlendTree tree({1.0, 1.0});
  std::string order;
  for (uint64_t n = 0; n < 6; ++n) order += std::to_string(tree(n).source);
  EXPECT_TRUE(order == "010101" || order == "101010") << order;
}

TEST(BlendTree, ThreeToOneGivesExactlyOneInEveryFour) {
  BlendTree tree({3.0, 1.0});
  for (uint64_t block = 0; block < 10; ++block) {
    int light = 0;
    for (uint64_t n = 0; n < 4; ++n) light += tree(block * 4 + n).source == 1;
    EXPECT_EQ(light, 1) << block;
  }
}

TEST(BlendTree, OneSourceIsTheIdentity) {
  BlendTree tree({0.3});
  EXPECT_EQ(tree(123456789012345u), (BlendTree::Place{0, 123456789012345u}));
}

TEST(BlendTree, ASourceOfWeightZeroNeverComes) {
  BlendTree tree({1.0, 0.0, 2.0});
  for (uint64_t n = 0; n < 1000; ++n) EXPECT_NE(tree(n).source, 1u);
  EXPECT_EQ(tree.counts(300), (std::vector<uint64_t>{100, 0, 200}));
}

TEST(BlendTree, ScaleOfTheWeightsDoesNotMatter) {
  BlendTree a({0.1, 0.2, 0.7});
  BlendTree b({0.1 * 1024, 0.2 * 1024, 0.7 * 1024});
  for (uint64_t n = 0; n < 1000; ++n) EXPECT_EQ(a(n), b(n));
}

TEST(BlendTree, EverySourceComesInOrderAndWithin1point1OfItsDue) {
  // The fourteen corpora of Dolma v1.7 as AuroraGPT weighted them.
  EXPECT_LT(walk({0.3540, 0.1897, 0.1764, 0.0685, 0.0442, 0.0390, 0.0301, 0.0263, 0.0182, 0.0174, 0.0171,
                  0.0072, 0.0065, 0.0054},
                 1'000'000),
            1.1);
  EXPECT_LT(walk({1, 1, 1, 1, 1, 1, 1}, 100'000), 1.1);
  EXPECT_LT(walk({1, 1, 2, 3, 5, 8, 13, 21, 34, 55}, 100'000), 1.1);
}

TEST(BlendTree, RandomWeightsOfManySourcesKeepTheBound) {
  for (uint64_t trial = 0; trial < 20; ++trial) {
    RandomKey key = random_key(trial, Purpose::kTest);
    std::vector<double> weights(2 + random_below(0, key, 400));
    for (size_t i = 0; i < weights.size(); ++i)
      weights[i] = std::exp(3.0 * static_cast<double>(random_normal(i + 1, key)));
    EXPECT_LT(walk(weights, 20'000), 1.1) << "trial " << trial;
  }
}

TEST(BlendTree, HoldsBeyondThirtyTwoBits) {
  BlendTree tree({0.5, 0.3, 0.2});
  const uint64_t n = uint64_t{1} << 50;
  std::vector<uint64_t> before = tree.counts(n);
  std::vector<uint64_t> after = tree.counts(n + 1);
  auto [source, index] = tree(n);
  EXPECT_EQ(index, before[source]);
  EXPECT_EQ(after[source], before[source] + 1);
  EXPECT_NEAR(static_cast<double>(before[2]), 0.2 * static_cast<double>(n), 2);
}

}  // namespace
}  // namespace aurora::dataset
