#include "aurora/order/permutation.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <set>
#include <string>
#include <vector>

namespace aurora::order {
namespace {

bool is_bijection(uint64_t size, uint64_t key) {
  const PermutationShape shape(size);
  std::vector<bool> seen(size);
  for (uint64_t i = 0; i < size; ++i) {
    const uint64_t to = permute(shape, key, i);
    if (to >= size || seen[to]) return false;
    seen[to] = true;
  }
  return true;
}

// How far counts are from equal ones, in standard deviations of chi-square.
double deviation(const std::vector<uint32_t>& counts, double expected, double degrees) {
  double chi_square = 0;
  for (uint32_t count : counts) chi_square += (count - expected) * (count - expected) / expected;
  return (chi_square - degrees) / std::sqrt(2 * degrees);
}

constexpr uint64_t kLarge = (uint64_t{1} << 18) + 7;  // b = 9
constexpr size_t kBins = 256;

double deviation_of_bins(const std::function<uint64_t(uint64_t)>& difference) {
  std::vector<uint32_t> bins(kBins);
  for (uint64_t i = 0; i < kLarge; ++i) ++bins[(difference(i) + kLarge) % kLarge * kBins / kLarge];
  return deviation(bins, static_cast<double>(kLarge) / kBins, kBins - 1);
}

// One key: how far places move, how far the places of two inputs lie apart that are neighbours in the right
// or the left digit, and how an epoch's places differ from those of the next.
template <int rounds>
double worst_of_one_key(uint64_t key) {
  const PermutationShape shape(kLarge);
  const auto at = [&](uint64_t i, uint64_t under) { return permute_by<rounds>(shape, under, i % kLarge); };
  double worst = deviation_of_bins([&](uint64_t i) { return at(i, key) - i; });
  for (uint64_t step : {1, 2, 512, 513})
    worst = std::max(worst, deviation_of_bins([&](uint64_t i) { return at(i + step, key) - at(i, key); }));
  return std::max(worst, deviation_of_bins([&](uint64_t i) { return at(i, mix64(key)) - at(i, key); }));
}

// Many keys on a small size: each input to each output, and pairs of inputs to pairs of outputs.
template <int rounds>
double worst_of_many_keys(uint64_t size, uint64_t keys) {
  const PermutationShape shape(size);
  std::vector<uint32_t> singles(size * size);
  std::vector<uint32_t> pairs;
  std::vector<uint32_t> all_pairs(size * size * size);
  for (uint64_t key = 0; key < keys; ++key) {
    std::vector<uint64_t> to(size);
    for (uint64_t i = 0; i < size; ++i) to[i] = permute_by<rounds>(shape, mix64(key), i);
    for (uint64_t i = 0; i < size; ++i) ++singles[i * size + to[i]];
    for (uint64_t i = 1; i < size; ++i) ++all_pairs[(i * size + to[i - 1]) * size + to[i]];
  }
  for (uint64_t i = 1; i < size; ++i)
    for (uint64_t a = 0; a < size; ++a)
      for (uint64_t b = 0; b < size; ++b)
        if (a != b) pairs.push_back(all_pairs[(i * size + a) * size + b]);
  const auto n = static_cast<double>(size);
  const double expected = static_cast<double>(keys) / n;
  return std::max(deviation(singles, expected, (n - 1) * (n - 1)),
                  deviation(pairs, expected / (n - 1), static_cast<double>(pairs.size() - 1)));
}

TEST(Permutation, IsABijectionForEverySizeUpTo3000) {
  for (uint64_t size = 1; size <= 3000; ++size) ASSERT_TRUE(is_bijection(size, mix64(size))) << size;
}

TEST(Permutation, IsABijectionForLargeAwkwardSizes) {
  for (uint64_t size : {65'536u, 65'537u, 99'991u, 262'143u, 1'000'003u, 4'194'305u})
    EXPECT_TRUE(is_bijection(size, mix64(size))) << size;
}

TEST(Permutation, StaysInsideItsRangeUpToTheLargestSize) {
  const uint64_t largest = uint64_t{1} << 62;
  for (uint64_t size : {largest, largest - 57, largest / 2 + 1, largest / 2, largest / 2 - 1}) {
    const PermutationShape shape(size);
    std::set<uint64_t> seen;
    for (uint64_t i = 0; i < 1000; ++i) {
      const uint64_t to = permute(shape, 1, size - 1 - i);
      ASSERT_LT(to, size);
      seen.insert(to);
    }
    EXPECT_EQ(seen.size(), 1000u);
    EXPECT_LT(*seen.begin(), size / 100);
    EXPECT_GT(*seen.rbegin(), size - size / 100);
  }
}

TEST(Permutation, TheDomainIsLittleLargerThanTheSize) {
  for (uint64_t size = 1; size < 100'000; size += 1 + size / 50) {
    const PermutationShape shape(size);
    const uint64_t domain = uint64_t{shape.left()} << shape.right_bits();
    EXPECT_GE(domain, size);
    EXPECT_LT(domain - size, uint64_t{1} << shape.right_bits());
    EXPECT_LE(uint64_t{1} << (2 * shape.right_bits()), 2 * size);
  }
}

TEST(Permutation, ReachesEveryOrderOfFourAboutEquallyOften) {
  const PermutationShape shape(4);
  std::vector<uint32_t> orders(256);
  for (uint64_t key = 0; key < 24'000; ++key) {
    uint64_t order = 0;
    for (uint64_t i = 0; i < 4; ++i) order = order * 4 + permute(shape, mix64(key), i);
    ++orders[order];
  }
  std::vector<uint32_t> seen;
  for (uint32_t count : orders)
    if (count > 0) seen.push_back(count);
  ASSERT_EQ(seen.size(), 24u);
  EXPECT_LT(deviation(seen, 1000, 23), 5);
}

TEST(Permutation, OneKeyIsNotToldFromChance) {
  for (uint64_t key : {1, 2, 3}) EXPECT_LT(worst_of_one_key<kRounds>(key), 4.5) << key;
  // The same test tells networks of 1 to 4 rounds.
  EXPECT_GT(worst_of_one_key<1>(1), 1000);
  EXPECT_GT(worst_of_one_key<2>(1), 1000);
  EXPECT_GT(worst_of_one_key<3>(1), 15);
  EXPECT_GT(worst_of_one_key<4>(1), 15);
}

TEST(Permutation, ManyKeysOnASmallSizeAreNotToldFromChance) {
  const uint64_t keys = 10'000;
  for (uint64_t size : {2, 3, 5, 7, 8, 9, 16, 31, 32}) {
    EXPECT_LT(worst_of_many_keys<kSmallRounds>(size, keys), 5) << size;
    EXPECT_GT(worst_of_many_keys<1>(size, keys), 1000) << size;
  }
  EXPECT_LT(worst_of_many_keys<kRounds>(kSmallSize, 3000), 5);
  EXPECT_GT(worst_of_many_keys<2>(kSmallSize, 3000), 50);
  EXPECT_GT(worst_of_many_keys<kRounds>(8, keys), 50) << "which is why small sizes take more rounds";
}

TEST(Permutation, FixedPointsAndNeighboursAreAsRareAsChance) {
  // In a random permutation the number of fixed points and the number of i with p(i+1) = p(i)+1 are both
  // about Poisson with mean 1; over 100 keys each sum has mean 100 and deviation 10.
  const PermutationShape shape(997);
  int fixed = 0;
  int neighbours = 0;
  for (uint64_t key = 0; key < 100; ++key) {
    for (uint64_t i = 0; i < 997; ++i) {
      fixed += permute(shape, mix64(key), i) == i;
      neighbours += i > 0 && permute(shape, mix64(key), i) == permute(shape, mix64(key), i - 1) + 1;
    }
  }
  EXPECT_NEAR(fixed, 100, 50);
  EXPECT_NEAR(neighbours, 100, 50);
}

TEST(Permutation, ARunIsWhatOneByOneGives) {
  for (uint64_t size : {5u, 129u, 4099u, 1'000'003u}) {
    const PermutationShape shape(size);
    for (uint64_t first : {uint64_t{0}, size / 2, size - 3}) {
      for (size_t count : {size_t{1}, size_t{2}, size_t{3}, size_t{8}, size_t{13}, size_t{300}}) {
        std::vector<uint64_t> run(std::min<uint64_t>(count, size - first));
        permute_run(shape, mix64(size), first, run);
        for (size_t i = 0; i < run.size(); ++i)
          ASSERT_EQ(run[i], permute(shape, mix64(size), first + i)) << size << " " << first << " " << i;
      }
    }
  }
}

TEST(Permutation, IsIndependentOfTheMachineAndNeverChanges) {
  // Golden values (docs/formats/order.md): a change here changes the order of every run.
  const PermutationShape small(10);
  std::string order;
  for (uint64_t i = 0; i < 10; ++i) order += std::to_string(permute(small, 42, i)) + " ";
  EXPECT_EQ(order, "6 3 4 7 8 2 9 0 1 5 ");
  const PermutationShape large(488'000'000);
  order.clear();
  for (uint64_t i = 0; i < 4; ++i) order += std::to_string(permute(large, 42, i)) + " ";
  EXPECT_EQ(order, "418660954 320304378 413053313 129563979 ");
}

}  // namespace
}  // namespace aurora::order
