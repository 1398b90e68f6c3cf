#include "aurora/base/threads.h"

#include <gtest/gtest.h>

#include <atomic>
#include <stdexcept>
#include <thread>
#include <vector>

namespace aurora {
namespace {

TEST(Pool, CallsEachTileOnce) {
  for (int threads : {1, 2, 4}) {
    Pool pool(threads);
    EXPECT_EQ(pool.threads(), threads);
    for (size_t tiles : {0u, 1u, 2u, 3u, 1000u}) {
      std::vector<std::atomic<int>> calls(tiles);
      pool.for_each(tiles, [&](size_t tile) { ++calls[tile]; });
      for (const auto& count : calls) EXPECT_EQ(count, 1);
    }
  }
}

TEST(Pool, ZeroMeansAllCores) {
  EXPECT_EQ(Pool(0).threads(), cores_available());
}

TEST(Pool, ManyShortCallsInARow) {
  Pool pool(3);
  std::atomic<uint64_t> sum{0};
  for (int call = 0; call < 3000; ++call) pool.for_each(4, [&](size_t tile) { sum += tile; });
  EXPECT_EQ(sum, 3000u * 6);
}

TEST(Pool, ServesSeveralHostThreadsAtOnce) {
  Pool pool(3);
  std::vector<uint64_t> sums(4, 0);
  std::vector<std::thread> hosts;
  for (size_t host = 0; host < sums.size(); ++host) {
    hosts.emplace_back([&, host] {
      for (int call = 0; call < 300; ++call) {
        std::vector<uint64_t> parts(17);
        pool.for_each(parts.size(), [&](size_t tile) { parts[tile] = tile + host; });
        for (uint64_t part : parts) sums[host] += part;
      }
    });
  }
  for (auto& host : hosts) host.join();
  for (size_t host = 0; host < sums.size(); ++host) EXPECT_EQ(sums[host], 300 * (136 + 17 * host));
}

TEST(Pool, RethrowsTheFailureOfTheLowestTileAndStaysUsable) {
  Pool pool(3);
  std::atomic<int> started{0};
  try {
    pool.for_each(100'000, [&](size_t tile) {
      ++started;
      if (tile >= 5) throw std::runtime_error("tile");
    });
    FAIL() << "no exception";
  } catch (const std::runtime_error& error) {
    EXPECT_STREQ(error.what(), "tile");
  }
  EXPECT_LT(started, 1000);
  std::atomic<int> calls{0};
  pool.for_each(50, [&](size_t) { ++calls; });
  EXPECT_EQ(calls, 50);
}

TEST(Pool, OtherPoolsMayBeUsedInsideATile) {
  Pool outer(2), inner(2);
  std::atomic<int> calls{0};
  outer.for_each(8, [&](size_t) { inner.for_each(8, [&](size_t) { ++calls; }); });
  outer.for_each(3, [&](size_t) {
    Pool::serial().for_each(2, [&](size_t) { Pool::serial().for_each(2, [&](size_t) { ++calls; }); });
  });
  EXPECT_EQ(calls, 64 + 12);
}

TEST(PoolDeathTest, TheSamePoolInsideATileIsABug) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  for (int threads : {1, 2}) {
    EXPECT_DEATH(
        {
          Pool pool(threads);
          pool.for_each(2, [&](size_t) { pool.for_each(2, [](size_t) {}); });
        },
        "for_each inside a tile of the same pool");
  }
}

TEST(Pool, ManyPoolsComeAndGo) {
  for (int i = 0; i < 50; ++i) {
    Pool pool(1 + i % 4);
    std::atomic<int> calls{0};
    if (i % 3 != 0) pool.for_each(5, [&](size_t) { ++calls; });
    EXPECT_EQ(calls, i % 3 != 0 ? 5 : 0);
  }
}

}  // namespace
}  // namespace aurora
