#include "aurora/dataset/packing.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <set>
#include <tuple>

#include "aurora/dataset/test_files.h"

namespace aurora::dataset {
namespace {

using testing::ElementsAre;
using Row = std::tuple<uint64_t, uint64_t, uint32_t, uint32_t>;  // document, begin, length, bin

std::vector<Row> rows(const std::vector<PackedStretch>& stretches) {
  std::vector<Row> rows;
  for (const PackedStretch& s : stretches) rows.emplace_back(s.document, s.begin, s.length, s.bin);
  return rows;
}

TEST(PackingTest, LongestFirstIntoTheTightestBin) {
  TestFolder folder;
  // Lengths 3 6 2 0 5 4; T = 8: 6 opens bin 0 (room 2), 5 bin 1 (3), 4 bin 2 (4), 3 goes to bin 1 (0), 2 to
  // bin 0 (0).
  format::TokenFile file(write_documents(folder / "a", {3, 6, 2, 0, 5, 4}));
  EXPECT_THAT(
      rows(pack_block(file, 0, 8, 100)),
      ElementsAre(Row(1, 3, 6, 0), Row(2, 9, 2, 0), Row(0, 0, 3, 1), Row(4, 11, 5, 1), Row(5, 16, 4, 2)));
  EXPECT_THAT(count_bins(file, 8, 100), ElementsAre(3));
}

TEST(PackingTest, LongDocumentsAreCutIntoWholeBinsAndARest) {
  TestFolder folder;
  format::TokenFile file(write_documents(folder / "a", {11, 2}));
  EXPECT_THAT(rows(pack_block(file, 0, 4, 100)),
              ElementsAre(Row(0, 0, 4, 0), Row(0, 4, 4, 1), Row(0, 8, 3, 2), Row(1, 11, 2, 3)));
}

TEST(PackingTest, ADocumentBelongsToTheBlockInWhichItBegins) {
  TestFolder folder;
  // Blocks of 8 tokens: documents begin at 0, 5, 8 (empty), 8, 11, 29, 32.
  format::TokenFile file(write_documents(folder / "a", {5, 3, 0, 3, 18, 3, 1}));
  EXPECT_THAT(rows(pack_block(file, 0, 8, 1)), ElementsAre(Row(0, 0, 5, 0), Row(1, 5, 3, 0)));
  EXPECT_THAT(rows(pack_block(file, 1, 8, 1)),
              ElementsAre(Row(4, 11, 8, 0), Row(4, 19, 8, 1), Row(3, 8, 3, 2), Row(4, 27, 2, 2)));
  EXPECT_THAT(pack_block(file, 2, 8, 1), testing::IsEmpty());
  EXPECT_THAT(rows(pack_block(file, 3, 8, 1)), ElementsAre(Row(5, 29, 3, 0)));
  EXPECT_THAT(rows(pack_block(file, 4, 8, 1)), ElementsAre(Row(6, 32, 1, 0)));
  EXPECT_THAT(count_bins(file, 8, 1), ElementsAre(1, 3, 0, 1, 1));
}

TEST(PackingTest, AFileOfEmptyDocumentsHasNoBlock) {
  TestFolder folder;
  EXPECT_THAT(count_bins(format::TokenFile(write_documents(folder / "a", {0, 0})), 8, 2), testing::IsEmpty());
  EXPECT_THAT(count_bins(format::TokenFile(write_documents(folder / "b", {})), 8, 2), testing::IsEmpty());
}

TEST(PackingTest, EveryTokenIsPackedOnceAndBinsHold) {
  TestFolder folder;
  for (uint64_t round = 0; round < 10; ++round) {
    const format::TokenFile file(write_documents(folder / "a", random_lengths(round, 200, 60)));
    const int64_t length = 16 + static_cast<int64_t>(round);
    const int64_t windows = 1 + static_cast<int64_t>(round % 5);
    const std::vector<uint32_t> bins = count_bins(file, length, windows);
    std::vector<int> seen(file.tokens());
    for (uint64_t block = 0; block < bins.size(); ++block) {
      std::map<uint32_t, uint64_t> filled;
      uint32_t before = 0;
      for (const PackedStretch& stretch : pack_block(file, block, length, windows)) {
        EXPECT_LE(before, stretch.bin);
        before = stretch.bin;
        filled[stretch.bin] += stretch.length;
        const uint64_t begin = file.document_begin(stretch.document);
        EXPECT_LE(stretch.begin + stretch.length, file.document_begin(stretch.document + 1));
        EXPECT_EQ((stretch.begin - begin) % static_cast<uint64_t>(length), 0u);
        const uint64_t whole = file.document_tokens(stretch.document);
        EXPECT_TRUE(stretch.length == whole || whole > static_cast<uint64_t>(length)) << "cut without need";
        for (uint64_t t = 0; t < stretch.length; ++t) ++seen[stretch.begin + t];
      }
      EXPECT_EQ(filled.size(), bins[block]);
      for (const auto& [bin, tokens] : filled) EXPECT_LE(tokens, static_cast<uint64_t>(length));
    }
    EXPECT_EQ(std::set<int>(seen.begin(), seen.end()), std::set<int>{1});
  }
}

}  // namespace
}  // namespace aurora::dataset
