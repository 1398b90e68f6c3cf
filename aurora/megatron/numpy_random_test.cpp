#include "aurora/megatron/numpy_random.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <numeric>
#include <vector>

#include "aurora/base/hash.h"

// Known answers are numpy's, made by e.g.
//   r = numpy.random.RandomState(1234); a = numpy.arange(10, dtype="int32"); r.shuffle(a)
//   hashlib.md5(a.tobytes()).hexdigest(); r.randint(0, 2**32, 1, dtype="uint32")
namespace aurora::megatron {
namespace {

using ::testing::ElementsAre;

template <typename Item>
std::vector<Item> numbers(size_t count) {
  std::vector<Item> items(count);
  std::iota(items.begin(), items.end(), Item{0});
  return items;
}

template <typename Item>
std::string md5_of_items(const std::vector<Item>& items) {
  return md5_hex({reinterpret_cast<const char*>(items.data()), items.size() * sizeof(Item)});
}

TEST(NumpyRandom, GivesTheWordsOfRandomState) {
  NumpyRandom random(1234);
  const std::vector<uint32_t> words = {random.next_u32(), random.next_u32(), random.next_u32()};
  EXPECT_THAT(words, ElementsAre(822569775u, 2137449171u, 2671936806u));
  EXPECT_EQ(NumpyRandom(0).next_u32(), 2357136044u);
  EXPECT_EQ(NumpyRandom(UINT32_MAX).next_u32(), 419326371u);
}

// RandomState(5).randint(0, 7, 10, dtype="int32") and .randint(0, 2**33 + 5, 6, dtype="int64").
TEST(NumpyRandom, BoundsByMaskedRejection) {
  NumpyRandom narrow(5);
  std::vector<uint64_t> values;
  for (int i = 0; i < 10; ++i) values.push_back(narrow.interval(6));
  EXPECT_THAT(values, ElementsAre(3, 6, 5, 6, 6, 0, 1, 0, 4, 6));
  NumpyRandom wide(5);
  values.clear();
  for (int i = 0; i < 6; ++i) values.push_back(wide.interval((uint64_t{1} << 33) + 4));
  EXPECT_THAT(values, ElementsAre(4206684233, 385778404, 7084371943, 3519608859, 1041703117, 876837974));
}

TEST(NumpyRandom, AnIntervalOfOneTakesNoWord) {
  NumpyRandom random(1234);
  EXPECT_EQ(random.interval(0), 0u);
  EXPECT_EQ(random.next_u32(), 822569775u);
}

TEST(NumpyRandom, ShufflesTenItemsAsNumpyDoes) {
  std::vector<int32_t> items = numbers<int32_t>(10);
  NumpyRandom(1234).shuffle(std::span(items));
  EXPECT_THAT(items, ElementsAre(7, 2, 9, 1, 0, 8, 4, 5, 6, 3));
}

TEST(NumpyRandom, ShufflesLargeArraysAsNumpyDoes) {
  auto thousand = numbers<uint32_t>(1000);
  NumpyRandom zero(0);
  zero.shuffle(std::span(thousand));
  EXPECT_EQ(md5_of_items(thousand), "1471babdd462dfb36de749e9341b7963");
  EXPECT_EQ(zero.next_u32(), 4260924727u);

  auto many = numbers<int32_t>(100'000);
  NumpyRandom usual(1234);
  usual.shuffle(std::span(many));
  EXPECT_EQ(md5_of_items(many), "2ad4779164df2ff9a3d5a8f018cd1b3c");
  EXPECT_EQ(usual.next_u32(), 1376071051u);

  auto power = numbers<uint32_t>(1 << 20);
  NumpyRandom largest(UINT32_MAX);
  largest.shuffle(std::span(power));
  EXPECT_EQ(md5_of_items(power), "cdb0506207e40328f8554ccaee3ff516");
  EXPECT_EQ(largest.next_u32(), 2650804030u);

  auto wide = numbers<int64_t>(1'000'003);
  NumpyRandom seven(7);
  seven.shuffle(std::span(wide));
  EXPECT_EQ(md5_of_items(wide), "9ce5c3646404b10085d68339b2fb0d26");
  EXPECT_EQ(seven.next_u32(), 1273807817u);
}

TEST(NumpyRandom, SkippingAShuffleLeavesWhatTheShuffleLeaves) {
  for (const uint64_t size : {0u, 1u, 2u, 3u, 624u, 4096u, 4097u, 70'001u}) {
    NumpyRandom done(99), skipped(99);
    auto items = numbers<uint64_t>(size);
    done.shuffle(std::span(items));
    skipped.skip_shuffle(size);
    EXPECT_EQ(done.next_u64(), skipped.next_u64()) << size;
  }
}

// The definition, one draw and one swap at a time.
TEST(NumpyRandom, EverySmallSizeEqualsOneSwapAtATime) {
  for (size_t size = 0; size < 200; ++size) {
    auto fast = numbers<uint32_t>(size), slow = fast;
    NumpyRandom a(static_cast<uint32_t>(size)), b(static_cast<uint32_t>(size));
    a.shuffle(std::span(fast));
    for (size_t i = size; i-- > 1;) std::swap(slow[i], slow[b.interval(i)]);
    EXPECT_EQ(fast, slow) << size;
  }
}

}  // namespace
}  // namespace aurora::megatron
