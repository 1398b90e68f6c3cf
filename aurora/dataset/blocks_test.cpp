#include "aurora/dataset/blocks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <set>
#include <thread>

#include "aurora/base/error.h"
#include "aurora/dataset/layout_cache.h"
#include "aurora/dataset/test_files.h"

namespace aurora::dataset {
namespace {

// Targets of the slots in their order.
std::vector<uint64_t> targets(const BlockLayout& layout) {
  std::vector<uint64_t> targets;
  for (uint64_t slot = 0; slot < layout.slots(); ++slot)
    for (const Stretch& stretch : layout.slot(slot))
      for (uint64_t t = 0; t < stretch.length; ++t) targets.push_back(stretch.begin + t);
  return targets;
}

TEST(BlocksTest, DocumentsOfABlockAreCutAtItsBordersAndPermuted) {
  TestFolder folder;
  // T = 4, W = 2: blocks of 8. Documents at 0..2, 3..9, 10..15.
  const format::TokenFile file(write_documents(folder / "a", {3, 7, 6}));
  const BlockShape shape{4, 2};
  std::set<std::vector<uint64_t>> orders;
  for (uint64_t epoch = 0; epoch < 20; ++epoch) {
    const BlockLayout layout = permuted_block(file, 0, shape, block_key(1, 2, epoch, 0));
    EXPECT_EQ(layout.slots(), 2u);
    orders.insert(targets(layout));
  }
  EXPECT_EQ(orders, (std::set<std::vector<uint64_t>>{{0, 1, 2, 3, 4, 5, 6, 7}, {3, 4, 5, 6, 7, 0, 1, 2}}));
}

TEST(BlocksTest, WindowsOfABlockAreFullAndInsideDocuments) {
  TestFolder folder;
  for (uint64_t round = 0; round < 10; ++round) {
    const format::TokenFile file(write_documents(folder / "a", random_lengths(round, 100, 40)));
    const BlockShape shape{8 + static_cast<int64_t>(round), 1 + static_cast<int64_t>(round % 4)};
    const uint64_t units = file.tokens() / static_cast<uint64_t>(shape.sequence_length);
    const auto windows = static_cast<uint64_t>(shape.block_windows);
    std::multiset<uint64_t> all;
    for (uint64_t block = 0; block * windows < units; ++block) {
      const BlockLayout layout = permuted_block(file, block, shape, block_key(round, 7, 0, block));
      EXPECT_EQ(layout.slots(), std::min(windows, units - block * windows));
      for (uint64_t slot = 0; slot < layout.slots(); ++slot) {
        uint64_t length = 0;
        for (const Stretch& stretch : layout.slot(slot)) {
          length += stretch.length;
          const uint64_t document = layout.first_document + stretch.document;
          EXPECT_GE(stretch.begin, file.document_begin(document));
          EXPECT_LE(stretch.begin + stretch.length, file.document_begin(document + 1));
        }
        EXPECT_EQ(length, static_cast<uint64_t>(shape.sequence_length));
      }
      for (uint64_t target : targets(layout)) all.insert(target);
    }
    EXPECT_EQ(all.size(), units * static_cast<uint64_t>(shape.sequence_length));
    EXPECT_EQ(std::set<uint64_t>(all.begin(), all.end()).size(), all.size()) << "a target twice";
  }
}

TEST(BlocksTest, NoTokenAtTheEndOfAFileIsLeftOutForGood) {
  TestFolder folder;
  const format::TokenFile file(write_documents(folder / "a", {5, 4, 3, 5}));  // 17 = 2 blocks of 2*4 and 1
  std::set<uint64_t> seen;
  for (uint64_t epoch = 0; epoch < 40; ++epoch) {
    const BlockLayout layout = permuted_block(file, 1, {4, 2}, block_key(1, 2, epoch, 1));
    EXPECT_EQ(targets(layout).size(), 8u);
    for (uint64_t target : targets(layout)) seen.insert(target);
  }
  EXPECT_EQ(seen.size(), 9u);
}

TEST(BlocksTest, PackedSlotsAreBins) {
  TestFolder folder;
  const format::TokenFile file(write_documents(folder / "a", {3, 6, 2, 0, 5, 4}));
  const BlockLayout layout = packed_block(file, 0, {8, 100});
  ASSERT_EQ(layout.slots(), 3u);
  EXPECT_EQ(layout.first_document, 0u);
  EXPECT_THAT(layout.slot(0), testing::ElementsAre(Stretch{3, 1, 6}, Stretch{9, 2, 2}));
  EXPECT_THAT(layout.slot(2), testing::ElementsAre(Stretch{16, 5, 4}));
}

BlockLayout layout_of(size_t stretches) {
  BlockLayout layout;
  layout.stretches.resize(stretches);
  return layout;
}

TEST(LayoutCacheTest, KeepsWhatWasUsedLastWithinItsBytes) {
  LayoutCache cache(40000);
  int made = 0;
  const auto use = [&](uint64_t block) {
    cache.get({0, 0, block}, [&made] {
      ++made;
      return layout_of(1000);  // 16,000 bytes and something
    });
  };
  use(1), use(2), use(1);
  EXPECT_EQ(made, 2);
  use(3);  // drops 2
  use(1), use(3);
  EXPECT_EQ(made, 3);
  use(2);
  EXPECT_EQ(made, 4);
  EXPECT_LE(cache.bytes(), 40000u);
  EXPECT_GE(cache.bytes(), 32000u);
}

TEST(LayoutCacheTest, ALayoutInUseOutlivesItsPlace) {
  LayoutCache cache(1);
  const auto layout = cache.get({0, 0, 1}, [] { return layout_of(10); });
  cache.get({0, 0, 2}, [] { return layout_of(20); });
  EXPECT_EQ(layout->stretches.size(), 10u);
}

TEST(LayoutCacheTest, TwoThreadsComputeALayoutOnce) {
  LayoutCache cache(1 << 20);
  std::atomic<int> made = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&] {
      for (uint64_t block = 0; block < 200; ++block)
        cache.get({1, 2, block}, [&made] {
          ++made;
          std::this_thread::yield();
          return layout_of(4);
        });
    });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(made, 200);
}

TEST(LayoutCacheTest, AnErrorIsNotKept) {
  LayoutCache cache(1 << 20);
  const auto fail = []() -> BlockLayout { throw Error("no", "here", ""); };
  EXPECT_THROW(cache.get({0, 0, 1}, fail), Error);
  EXPECT_EQ(cache.get({0, 0, 1}, [] { return layout_of(3); })->stretches.size(), 3u);
}

}  // namespace
}  // namespace aurora::dataset
