#include "aurora/megatron/splits.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "aurora/base/error.h"
#include "aurora/base/hash.h"

namespace aurora::megatron {
namespace {

TEST(Splits, AreMegatronsDoubles) {
  const SplitMatrix usual = split_matrix("969, 30, 1");
  EXPECT_EQ(usual[0], (BookEnds{0, 0.969}));
  EXPECT_EQ(usual[1], (BookEnds{0.969, 0.999}));
  EXPECT_EQ(usual[2], (BookEnds{0.999, 1.0}));
  const SplitMatrix tenths = split_matrix(".7 .2 .1");
  EXPECT_EQ(tenths[1], (BookEnds{0.7000000000000001, 0.9000000000000001}));
  EXPECT_EQ(tenths[2], (BookEnds{0.9000000000000001, 1.0000000000000002}));
}

TEST(Splits, WithoutWeightAreNotThere) {
  const SplitMatrix one = split_matrix("1");
  EXPECT_EQ(one[0], (BookEnds{0, 1}));
  EXPECT_FALSE(one[1] || one[2]);
  const SplitMatrix later = split_matrix("0,1,1");
  EXPECT_FALSE(later[0]);
  EXPECT_EQ(later[1], (BookEnds{0, 0.5}));
}

TEST(Splits, RefuseWhatIsNoSplit) {
  EXPECT_THROW(split_matrix("1,2,3,4"), Error);
  EXPECT_THROW(split_matrix("1.2.3"), Error);
  EXPECT_THROW(split_matrix("0,0,0"), Error);
  EXPECT_THROW(split_matrix(""), Error);
}

TEST(SplitRange, RoundsHalvesToEven) {
  EXPECT_EQ(split_range({0, 0.5}, 5).end, 2u);  // 2.5
  EXPECT_EQ(split_range({0, 0.5}, 7).end, 4u);  // 3.5
  EXPECT_EQ(split_range({0.969, 0.999}, 1000).begin, 969u);
  EXPECT_EQ(split_range({0.4, 0.4001}, 10).size(), 0u);
}

// megatron.core.datasets.utils.normalize([1.0 / (i + 1) for i in range(300)]): two halves of pairwise sums.
TEST(Normalized, SumsAsNumpyDoes) {
  std::vector<double> weights;
  for (int i = 0; i < 300; ++i) weights.push_back(1.0 / (i + 1));
  const std::vector<double> shares = normalized(weights);
  EXPECT_EQ(shares[0], 0.1591681520852471);
  EXPECT_EQ(md5_hex({reinterpret_cast<const char*>(shares.data()), shares.size() * sizeof(double)}),
            "042132f57a7cb1cbb751f666b95ec814");
}

TEST(SamplesOfWeight, RoundUpTwice) {
  EXPECT_EQ(samples_of_weight(100, 0.301, 0), 31);
  EXPECT_EQ(samples_of_weight(100, 0.301, 0.005), 32);
  EXPECT_EQ(samples_of_weight(1000, 0.5, 0.005), 503);  // 502.5
  EXPECT_EQ(samples_of_weight(0, 0.5, 0.005), 0);
}

}  // namespace
}  // namespace aurora::megatron
