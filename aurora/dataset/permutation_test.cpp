#include "aurora/dataset/permutation.h"

#include <gtest/gtest.h>

#include <cmath>
#include <set>
#include <string>
#include <vector>

namespace aurora::dataset {
namespace {

RandomKey test_key(uint64_t seed) {
  return random_key(seed, Purpose::kTest);
}

bool is_bijection(const Permutation& permutation) {
  std::vector<bool> seen(permutation.size());
  for (uint64_t i = 0; i < permutation.size(); ++i) {
    uint64_t to = permutation(i);
    if (to >= permutation.size() || seen[to]) return false;
    seen[to] = true;
  }
  return true;
}

TEST(Permutation, IsABijectionForEverySizeUpTo1000) {
  for (uint64_t size = 1; size <= 1000; ++size)
    ASSERT_TRUE(is_bijection(Permutation(size, test_key(size)))) << size;
}

TEST(Permutation, IsABijectionForLargeAwkwardSizes) {
  for (uint64_t size : {65536u, 65537u, 99991u, 262143u, 1000003u})
    EXPECT_TRUE(is_bijection(Permutation(size, test_key(size)))) << size;
}

TEST(Permutation, StaysInsideItsRangeNearTheLargestSize) {
  const uint64_t size = (uint64_t{1} << 62) - 57;
  Permutation permutation(size, test_key(1));
  std::set<uint64_t> seen;
  for (uint64_t i = 0; i < 1000; ++i) {
    ASSERT_LT(permutation(size - 1 - i), size);
    seen.insert(permutation(size - 1 - i));
  }
  EXPECT_EQ(seen.size(), 1000u);
}

TEST(Permutation, ReachesEveryOrderOfThree) {
  std::set<std::vector<uint64_t>> orders;
  for (uint64_t seed = 0; seed < 200; ++seed) {
    Permutation p(3, test_key(seed));
    orders.insert({p(0), p(1), p(2)});
  }
  EXPECT_EQ(orders.size(), 6u);
}

TEST(Permutation, FixedPointsAndNeighboursAreAsRareAsChance) {
  // In a random permutation the number of fixed points and the number of i with p(i+1) = p(i)+1 are both
  // about Poisson with mean 1; over 100 keys each sum has mean 100 and deviation 10.
  int fixed = 0;
  int neighbours = 0;
  for (uint64_t seed = 0; seed < 100; ++seed) {
    Permutation p(997, test_key(seed));
    for (uint64_t i = 0; i < 997; ++i) {
      fixed += p(i) == i;
      neighbours += i > 0 && p(i) == p(i - 1) + 1;
    }
  }
  EXPECT_NEAR(fixed, 100, 50);
  EXPECT_NEAR(neighbours, 100, 50);
}

TEST(Permutation, SpreadsEveryStretchOverTheWholeRange) {
  // Chi-square of where the first 10,000 of 1,000,003 go, in 100 bins: mean 99, deviation 14.
  Permutation p(1000003, test_key(5));
  std::vector<double> bins(100);
  for (uint64_t i = 0; i < 10000; ++i) bins[p(i) * 100 / 1000003] += 1;
  double chi_square = 0;
  for (double count : bins) chi_square += (count - 100) * (count - 100) / 100;
  EXPECT_LT(chi_square, 99 + 5 * 14);
}

TEST(Permutation, IsIndependentOfTheMachineAndNeverChanges) {
  // Golden values: a change here changes the order of every run.
  Permutation p(10, RandomKey{42});
  std::string order;
  for (uint64_t i = 0; i < 10; ++i) order += std::to_string(p(i)) + " ";
  EXPECT_EQ(order, "2 7 1 5 0 4 3 6 8 9 ");
}

}  // namespace
}  // namespace aurora::dataset
