#include "aurora/dataset/best_fit.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

#include "aurora/base/random.h"

namespace aurora::dataset {
namespace {

using testing::ElementsAre;

// Asks every bin each time.
class NaiveBestFit {
 public:
  explicit NaiveBestFit(uint32_t capacity) : capacity_(capacity) {}
  uint32_t place(uint32_t length) {
    size_t best = rooms_.size();
    for (size_t bin = 0; bin < rooms_.size(); ++bin)
      if (rooms_[bin] >= length && (best == rooms_.size() || rooms_[bin] < rooms_[best])) best = bin;
    if (best == rooms_.size()) rooms_.push_back(capacity_);
    rooms_[best] -= length;
    return static_cast<uint32_t>(best);
  }

 private:
  uint32_t capacity_;
  std::vector<uint32_t> rooms_;
};

std::vector<uint32_t> place_all(uint32_t capacity, const std::vector<uint32_t>& lengths) {
  BestFit bins(capacity);
  std::vector<uint32_t> places;
  for (uint32_t length : lengths) places.push_back(bins.place(length));
  return places;
}

TEST(BestFitTest, TakesTheBinWithTheLeastRoomThatSuffices) {
  // Rooms after the first three: 4, 3, 5. 3 fills bin 1, 4 fills bin 0, 5 fills bin 2.
  EXPECT_THAT(place_all(10, {6, 7, 5, 3, 4, 5}), ElementsAre(0, 1, 2, 1, 0, 2));
}

TEST(BestFitTest, TakesTheOldestOfEqualBins) {
  // Room 3 is reached first by bin 1, then by bin 0.
  EXPECT_THAT(place_all(8, {4, 5, 4, 3}), ElementsAre(0, 1, 0, 1));
  EXPECT_THAT(place_all(10, {6, 7, 1, 3, 3}), ElementsAre(0, 1, 1, 0, 2));
  EXPECT_THAT(place_all(10, {5, 6, 6, 1, 4, 4}), ElementsAre(0, 1, 2, 1, 2, 0));
}

TEST(BestFitTest, AFullBinTakesNoMore) {
  EXPECT_THAT(place_all(1, {1, 1, 1}), ElementsAre(0, 1, 2));
  EXPECT_THAT(place_all(4096, {4096, 1, 4096, 4095}), ElementsAre(0, 1, 2, 1));
}

TEST(BestFitTest, PlacesAsAskingEveryBinDoes) {
  for (uint32_t capacity : {1u, 2u, 7u, 63u, 64u, 65u, 300u, 5000u, 20000u}) {
    for (uint64_t round = 0; round < 6; ++round) {
      const RandomKey key = random_key(round, Purpose::kTest, {capacity});
      BestFit bins(capacity);
      for (int again = 0; again < 2; ++again) {  // clear() leaves nothing behind
        NaiveBestFit naive(capacity);
        bins.clear();
        const uint64_t longest = round % 2 == 0 ? capacity : capacity / 8 + 1;
        for (uint64_t i = 0; i < 500; ++i) {
          const auto length = static_cast<uint32_t>(1 + random_below(i, key, longest));
          ASSERT_EQ(bins.place(length), naive.place(length)) << capacity << " " << round << " " << i;
        }
      }
    }
  }
}

}  // namespace
}  // namespace aurora::dataset
