#include "aurora/dataset/order.h"

#include <gtest/gtest.h>

#include <map>
#include <set>
#include <vector>

#include "aurora/base/error.h"

namespace aurora::dataset {
namespace {

TEST(Order, OneWindowThatFitsExactlyIsTheWholeStream) {
  Order order(1, 8, {{"only", 9, 1.0}});
  EXPECT_EQ(order(0), (Piece{0, 0, 0, 9}));
  EXPECT_EQ(order(1), (Piece{0, 1, 0, 9}));
}

TEST(Order, EachEpochSeesEveryWindowOnceAndInsideTheStream) {
  const uint64_t tokens = 1003;  // 100 windows of T=10 and 2 tokens over
  Order order(7, 10, {{"a", tokens, 1.0}});
  std::set<uint64_t> starts;
  for (uint64_t epoch = 0; epoch < 20; ++epoch) {
    std::set<uint64_t> begins;
    for (uint64_t i = 0; i < 100; ++i) {
      Piece piece = order(epoch * 100 + i);
      EXPECT_EQ(piece.epoch, epoch);
      EXPECT_EQ(piece.count, 11u);
      EXPECT_LE(piece.begin + piece.count, tokens);
      begins.insert(piece.begin);
    }
    EXPECT_EQ(begins.size(), 100u);
    EXPECT_EQ(*begins.rbegin() - *begins.begin(), 990u);
    starts.insert(*begins.begin());
  }
  EXPECT_EQ(starts, (std::set<uint64_t>{0, 1, 2}));  // the tokens left over take turns
}

TEST(Order, EpochsAndSeedsAndCorporaAreShuffledDifferently) {
  Order order(7, 10, {{"a", 1001, 1.0}, {"b", 1001, 1.0}});
  Order other_seed(8, 10, {{"a", 1001, 1.0}, {"b", 1001, 1.0}});
  std::map<uint32_t, std::vector<uint64_t>> first, second, reseeded;
  for (uint64_t i = 0; i < 200; ++i) {
    first[order(i).corpus].push_back(order(i).begin);
    second[order(200 + i).corpus].push_back(order(200 + i).begin);
    reseeded[other_seed(i).corpus].push_back(other_seed(i).begin);
  }
  EXPECT_NE(first[0], second[0]);
  EXPECT_NE(first[0], first[1]);
  EXPECT_NE(first[0], reseeded[0]);
}

TEST(Order, AddingACorpusDoesNotReshuffleTheOthers) {
  Order two(7, 10, {{"a", 1001, 1.0}, {"b", 501, 2.0}});
  Order three(7, 10, {{"c", 301, 0.5}, {"a", 1001, 1.0}, {"b", 501, 2.0}});
  auto stream = [](const Order& order, uint32_t corpus) {
    std::vector<uint64_t> begins;
    for (uint64_t i = 0; begins.size() < 50; ++i)
      if (Piece piece = order(i); piece.corpus == corpus) begins.push_back(piece.begin);
    return begins;
  };
  EXPECT_EQ(stream(two, 0), stream(three, 1));
  EXPECT_EQ(stream(two, 1), stream(three, 2));
}

TEST(Order, WeightsAreRenormalisedOverCorporaThatHaveTokens) {
  Order order(1, 10, {{"a", 1001, 1.0}, {"empty", 0, 5.0}, {"b", 1001, 3.0}});
  std::map<uint32_t, int> counts;
  for (uint64_t i = 0; i < 400; ++i) ++counts[order(i).corpus];
  EXPECT_EQ(counts, (std::map<uint32_t, int>{{0, 100}, {2, 300}}));
  EXPECT_DOUBLE_EQ(order.epochs(2, 400), 3.0);
  EXPECT_DOUBLE_EQ(order.epochs(1, 400), 0.0);
}

TEST(Order, RefusesWhatCannotBeOrdered) {
  EXPECT_THROW(Order(1, 10, {{"short", 10, 1.0}}), Error);
  EXPECT_NO_THROW(Order(1, 10, {{"enough", 11, 1.0}}));
  EXPECT_THROW(Order(1, 10, {{"empty", 0, 1.0}}), Error);
  EXPECT_THROW(Order(1, 10, {}), Error);
  EXPECT_THROW(Order(1, 10, {{"a", 100, 0.0}}), Error);
  EXPECT_THROW(Order(1, 10, {{"a", 100, 1.0}, {"a", 100, 1.0}}), Error);
}

TEST(Order, TwentyTrillionTokensAreAskedForAsQuicklyAsTwenty) {
  Order order(1, 4096, {{"web", 15'000'000'000'000u, 0.8}, {"code", 5'000'000'000'000u, 0.2}});
  Piece piece = order(4'000'000'000u);
  EXPECT_LE(piece.begin + piece.count, order.corpora()[piece.corpus].tokens);
}

}  // namespace
}  // namespace aurora::dataset
