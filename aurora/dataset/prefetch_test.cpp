#include "aurora/dataset/prefetch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <numeric>
#include <thread>
#include <vector>

#include "aurora/base/error.h"
#include "aurora/dataset/test_files.h"

namespace aurora::dataset {
namespace {

using testing::ElementsAre;

class PrefetchTest : public testing::Test {
 protected:
  Loader loader(int64_t length, int64_t vocab_size = 60000) {
    const auto order =
        window_order_of({{"a", 1.0, write_documents(folder_ / "a", random_lengths(1, 60, 40))},
                         {"b", 0.3, write_documents(folder_ / "b", random_lengths(2, 60, 40))}},
                        length);
    return Loader(order->files(), order, {vocab_size, 0});
  }
  static std::vector<uint64_t> first_numbers(uint64_t count) {
    std::vector<uint64_t> numbers(count);
    std::iota(numbers.begin(), numbers.end(), 0);
    return numbers;
  }
  template <typename Condition>
  static bool soon(Condition condition) {
    for (int tries = 0; tries < 5000 && !condition(); ++tries)
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    return condition();
  }

  TestFolder folder_;
};

TEST_F(PrefetchTest, GivesTheSameSamplesInAnyOrderOfAsking) {
  Loader loader = this->loader(7);
  for (int threads : {1, 3}) {
    for (size_t budget : {size_t{0}, size_t{10000}, size_t{1} << 20}) {
      Prefetch prefetch(loader, {budget, threads});
      prefetch.announce(first_numbers(40));
      std::vector<std::thread> askers;
      std::vector<int> wrong(4);
      for (size_t t = 0; t < 4; ++t)
        askers.emplace_back([&, t] {
          for (uint64_t n = 0; n < 10; ++n) {
            const uint64_t number = t * 10 + (t % 2 == 0 ? n : 9 - n);
            const Sample sample = prefetch.take(number);
            wrong[t] += sample.tokens != loader.read(number).tokens;
          }
        });
      for (std::thread& asker : askers) asker.join();
      EXPECT_THAT(wrong, ElementsAre(0, 0, 0, 0));
      EXPECT_EQ(prefetch.take(1000).tokens, loader.read(1000).tokens);  // never announced
      EXPECT_LE(prefetch.most_held_bytes(), budget);
      EXPECT_EQ(prefetch.held_bytes(), 0u);
    }
  }
}

TEST_F(PrefetchTest, HoldsWhatFitsItsBudgetAndNoMore) {
  Loader loader = this->loader(64);
  const size_t budget = 40000;  // samples take 1,280 and some bytes, held back 3,840 while one is read
  Prefetch prefetch(loader, {budget, 2});
  prefetch.announce(first_numbers(200));
  EXPECT_TRUE(soon([&] { return prefetch.held_bytes() > budget - 2 * 3840 - 1280; }));
  for (uint64_t n = 0; n < 200; ++n) EXPECT_EQ(prefetch.take(n).targets, loader.read(n).targets);
  EXPECT_LE(prefetch.most_held_bytes(), budget);
  EXPECT_EQ(prefetch.held_bytes(), 0u);
}

TEST_F(PrefetchTest, HandsErrorsToWhoeverAsks) {
  Loader loader = this->loader(30, 100);  // tokens go far beyond 100
  Prefetch prefetch(loader);
  prefetch.announce(first_numbers(10));
  int errors = 0;
  for (uint64_t n = 0; n < 10; ++n) {
    try {
      prefetch.take(n);
    } catch (const Error& error) {
      ++errors;
      EXPECT_THAT(error.where(), testing::ContainsRegex("[ab].bin@[0-9]+"));
    }
  }
  EXPECT_GE(errors, 5);
  EXPECT_EQ(prefetch.held_bytes(), 0u);
}

TEST_F(PrefetchTest, GoesOnWhenAFileIsPutRight) {
  Loader loader = this->loader(30);
  const Path bin = folder_ / "a.bin";
  const Path copy = folder_ / "copy";
  std::filesystem::copy_file(bin, copy);
  std::vector<Sample> expected;
  for (uint64_t n = 0; n < 20; ++n) expected.push_back(loader.read(n));
  std::filesystem::resize_file(bin, 2);
  Prefetch prefetch(loader);
  prefetch.announce(first_numbers(20));
  std::vector<uint64_t> failed;
  for (uint64_t n = 0; n < 20; ++n) {
    try {
      EXPECT_EQ(prefetch.take(n).tokens, expected[n].tokens);
    } catch (const Error& error) {
      EXPECT_THAT(error.where(), testing::HasSubstr("a.bin@"));
      failed.push_back(n);
    }
  }
  EXPECT_GE(failed.size(), 10u);
  std::filesystem::rename(copy, bin);
  for (uint64_t n : failed) EXPECT_EQ(prefetch.take(n).tokens, expected[n].tokens);
}

TEST_F(PrefetchTest, EndsWithSamplesThatNobodyTook) {
  Loader loader = this->loader(30);
  Prefetch prefetch(loader, {1 << 20, 2});
  prefetch.announce(first_numbers(100));
  prefetch.take(50);
}

}  // namespace
}  // namespace aurora::dataset
