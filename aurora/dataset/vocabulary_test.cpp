#include "aurora/dataset/vocabulary.h"

#include <gtest/gtest.h>

#include <cstring>
#include <vector>

namespace aurora::dataset {
namespace {

TEST(VocabularyTest, FindsTheFirstTokenOutside) {
  for (size_t count : {1u, 7u, 64u, 1001u})
    for (size_t at = 0; at < count; at += 3) {
      std::vector<uint16_t> narrow(count, 99);
      std::vector<int32_t> wide(count, 99);
      EXPECT_EQ(first_outside(narrow.data(), count, 100), count);
      EXPECT_EQ(first_outside(wide.data(), count, 100), count);
      narrow[at] = 100;
      wide[at] = at % 2 == 0 ? 100 : -1;
      EXPECT_EQ(first_outside(narrow.data(), count, 100), at);
      EXPECT_EQ(first_outside(wide.data(), count, 100), at);
    }
}

template <typename T>
void expect_copies() {
  for (size_t count : {1u, 7u, 64u, 1001u})
    for (size_t shift : {0u, 1u}) {
      std::vector<T> tokens(count);
      for (size_t i = 0; i < count; ++i) tokens[i] = static_cast<T>(i % 100);
      std::vector<std::byte> stored(count * sizeof(T) + shift);
      std::memcpy(stored.data() + shift, tokens.data(), count * sizeof(T));
      std::vector<T> copy(count + 1, 7);
      EXPECT_TRUE(copy_inside(stored.data() + shift, count, 100, copy.data()));
      EXPECT_EQ(copy.back(), 7);
      copy.pop_back();
      EXPECT_EQ(copy, tokens);
      EXPECT_EQ(copy_inside(stored.data() + shift, count, 99, copy.data()), count < 100);
    }
}

TEST(VocabularyTest, CopiesAndLooksAtOnce) {
  expect_copies<uint16_t>();
  expect_copies<int32_t>();
}

TEST(VocabularyTest, EveryTokenLiesInTheLargestVocabularies) {
  const std::vector<uint16_t> narrow = {0, 65535};
  const std::vector<int32_t> wide = {0, 0x7fffffff};
  EXPECT_EQ(first_outside(narrow.data(), 2, 65536), 2u);
  EXPECT_EQ(first_outside(narrow.data(), 2, 65535), 1u);
  EXPECT_EQ(first_outside(narrow.data(), 2, 1 << 20), 2u);
  EXPECT_EQ(first_outside(wide.data(), 2, int64_t{1} << 31), 2u);
  EXPECT_EQ(first_outside(wide.data(), 0, 1), 0u);
}

}  // namespace
}  // namespace aurora::dataset
