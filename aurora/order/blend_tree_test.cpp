#include "aurora/order/blend_tree.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <string>
#include <vector>

#include "aurora/base/random.h"

namespace aurora::order {
namespace {

// A tree over weights, which are sorted first; leaf i has the i-th lightest.
struct OneTree {
  explicit OneTree(std::vector<uint64_t> from, bool care = false) : weights(std::move(from)) {
    std::sort(weights.begin(), weights.end());
    std::vector<BlendLeaf> leaves;
    for (uint32_t i = 0; i < weights.size(); ++i) leaves.push_back({weights[i], i});
    tree = care ? trees.add_with_care(leaves) : trees.add(leaves);
  }
  BlendTrees::Place operator()(uint64_t sample) const { return trees.find(tree, sample); }
  std::vector<uint64_t> counts(uint64_t samples) const {
    std::vector<uint64_t> counts(weights.size());
    trees.counts(tree, samples, counts);
    return counts;
  }

  std::vector<uint64_t> weights;
  BlendTrees trees;
  BlendTrees::Tree tree = 0;
};

// Walks the first samples: every leaf must get 0, 1, 2 ... in order. Returns the largest distance between a
// leaf's count and its due after any prefix.
double walk(const OneTree& tree, uint64_t samples) {
  const double sum = std::accumulate(tree.weights.begin(), tree.weights.end(), 0.0);
  std::vector<uint64_t> seen(tree.weights.size());
  double worst = 0;
  for (uint64_t n = 0; n < samples; ++n) {
    const auto [leaf, index] = tree(n);
    EXPECT_EQ(index, seen[leaf]) << "sample " << n;
    if (index != seen[leaf]) return 1e9;
    ++seen[leaf];
    // Only the chosen leaf can be too high; a leaf is lowest just before it is chosen.
    const double share = static_cast<double>(tree.weights[leaf]) / sum;
    const auto high = static_cast<double>(seen[leaf]) - share * static_cast<double>(n + 1);
    const auto low = static_cast<double>(seen[leaf] - 1) - share * static_cast<double>(n);
    worst = std::max({worst, high, -low});
  }
  EXPECT_EQ(tree.counts(samples), seen);
  return worst;
}

std::vector<uint64_t> heavy_tailed(size_t count, uint64_t seed) {
  std::vector<uint64_t> weights;
  for (size_t i = 0; i < count; ++i) {
    const double normal = random_normal(i, random_key(seed, Purpose::kTest));
    weights.push_back(static_cast<uint64_t>(1e6 * std::exp(3.0 * normal)) + 1);
  }
  return weights;
}

TEST(BlendTree, TwoEqualLeavesTakeTurns) {
  const OneTree tree({5, 5});
  std::string order;
  for (uint64_t n = 0; n < 6; ++n) order += std::to_string(tree(n).id);
  EXPECT_EQ(order, "101010");  // the younger is the heavier child, which comes first
}

TEST(BlendTree, ThreeToOneGivesExactlyOneInEveryFour) {
  const OneTree tree({1, 3});
  std::string order;
  for (uint64_t n = 0; n < 12; ++n) order += std::to_string(tree(n).id);
  EXPECT_EQ(order, "110111011101");
}

TEST(BlendTree, OneLeafIsTheIdentity) {
  const OneTree tree({7});
  EXPECT_EQ(tree(123456789012345u), (BlendTrees::Place{0, 123456789012345u}));
  EXPECT_EQ(tree.counts(12), std::vector<uint64_t>{12});
}

TEST(BlendTree, EveryLeafComesInOrderAndWithin1point1OfItsDue) {
  // The fourteen corpora of Dolma v1.7 as AuroraGPT weighted them: no prefix of any length can be off by
  // more.
  const OneTree dolma({3540, 1897, 1764, 685, 442, 390, 301, 263, 182, 174, 171, 72, 65, 54}, true);
  EXPECT_LT(dolma.trees.stray(dolma.tree), 1.05);
  EXPECT_LT(walk(dolma, 1'000'000), dolma.trees.stray(dolma.tree));
  EXPECT_LT(walk(OneTree({1, 1, 1, 1, 1, 1, 1}), 100'000), 1.1);
  EXPECT_LT(walk(OneTree({1, 1, 2, 3, 5, 8, 13, 21, 34, 55}), 100'000), 1.1);
}

TEST(BlendTree, HeavyTailedWeightsKeepTheBoundOfTheirTree) {
  double small = 0;
  double large = 0;
  for (uint64_t trial = 0; trial < 20; ++trial) {
    const OneTree few(heavy_tailed(2 + trial * 3, trial), true);
    const OneTree many(heavy_tailed(BlendTrees::kCareful + 1 + trial * 20, trial));
    EXPECT_LE(walk(few, 20'000), few.trees.stray(few.tree)) << "trial " << trial;
    EXPECT_LE(walk(many, 20'000), many.trees.stray(many.tree)) << "trial " << trial;
    small = std::max(small, few.trees.stray(few.tree));
    large = std::max(large, many.trees.stray(many.tree));
  }
  EXPECT_LT(small, 1.35);
  EXPECT_LT(large, 1.5);
}

TEST(BlendTree, WholeNumbersAreMetExactlyAfterEveryRoundOfTheirSum) {
  for (uint64_t seed = 0; seed < 5; ++seed) {
    const OneTree tree(heavy_tailed(300, seed));
    const uint64_t sum = std::accumulate(tree.weights.begin(), tree.weights.end(), uint64_t{0});
    for (uint64_t rounds :
         {uint64_t{1}, uint64_t{2}, uint64_t{3}, uint64_t{1000}, (uint64_t{1} << 62) / sum}) {
      std::vector<uint64_t> due = tree.weights;
      for (uint64_t& weight : due) weight *= rounds;
      ASSERT_EQ(tree.counts(sum * rounds), due) << rounds;
    }
  }
}

TEST(BlendTree, HoldsBeyondThirtyTwoBits) {
  const OneTree tree({2, 3, 5});
  for (uint64_t n : {(uint64_t{1} << 32) + 1, uint64_t{1} << 50, (uint64_t{1} << 62) - 1}) {
    const std::vector<uint64_t> before = tree.counts(n);
    const std::vector<uint64_t> after = tree.counts(n + 1);
    const auto [leaf, index] = tree(n);
    EXPECT_EQ(index, before[leaf]);
    EXPECT_EQ(after[leaf], before[leaf] + 1);
    EXPECT_EQ(before[0] + before[1] + before[2], n);
    EXPECT_LE(std::max(before[0], n / 5) - std::min(before[0], n / 5), 1u);
  }
}

TEST(BlendTree, ADistributionIsWhatOneLookUpAfterAnotherGives) {
  const OneTree tree(heavy_tailed(200, 3));
  for (uint64_t first : {uint64_t{0}, uint64_t{12'345}, uint64_t{1} << 40}) {
    for (size_t count : {1, 2, 15, 16, 17, 100, 5000}) {
      std::vector<uint16_t> positions(count);
      std::vector<uint16_t> spare(count);
      std::iota(positions.begin(), positions.end(), uint16_t{0});
      std::vector<BlendTrees::Place> places(count, {~0u, 0});
      tree.trees.distribute(tree.tree, first, positions, spare.data(),
                            [&](uint32_t leaf, uint64_t index, std::span<uint16_t> part, uint16_t*) {
                              for (uint16_t position : part) places[position] = {leaf, index++};
                            });
      for (size_t i = 0; i < count; ++i) ASSERT_EQ(places[i], tree(first + i)) << first << " + " << i;
    }
  }
}

TEST(BlendTree, TreesStandSideBySide) {
  BlendTrees trees;
  const BlendTrees::Tree first = trees.add(std::vector<BlendLeaf>{{1, 0}, {3, 1}});
  const BlendTrees::Tree second = trees.add(std::vector<BlendLeaf>{{1, 7}, {1, 8}, {2, 9}});
  EXPECT_EQ(trees.find(first, 2), (BlendTrees::Place{0, 0}));
  std::vector<uint64_t> counts(10);
  trees.counts(second, 8, counts);
  EXPECT_EQ(counts, (std::vector<uint64_t>{0, 0, 0, 0, 0, 0, 0, 2, 2, 4}));
}

}  // namespace
}  // namespace aurora::order
