#include "aurora/dataset/collection_share.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "aurora/base/error.h"
#include "aurora/base/hash.h"
#include "aurora/comm/thread_ranks.h"
#include "aurora/dataset/collection_read.h"
#include "aurora/dataset/collection_testing.h"
#include "aurora/dataset/collection_wire.h"
#include "aurora/dataset/read_ahead.h"

namespace aurora::dataset {
namespace {

using testing::ElementsAre;

TEST(AssignRanks, GivesTheLargestFirstToWhoHasLeast) {
  const std::vector<uint64_t> bytes = {10, 50, 30, 20, 0};
  const std::vector<int> owners = assign_ranks(bytes, 2);
  EXPECT_THAT(owners, ElementsAre(0, 0, 1, 1, 1));  // 50, 10 | 30, 20, 0
  EXPECT_THAT(jobs_of(bytes, owners, 1), ElementsAre(2, 3, 4));
}

TEST(AssignRanks, SharesOutEmptyJobsToo) {
  EXPECT_THAT(assign_ranks(std::vector<uint64_t>(4, 0), 2), ElementsAre(0, 1, 0, 1));
}

TEST(Share, TellsAllFindingsToAllOrderedByJob) {
  comm::run_threads(3, [](comm::Group& group) {
    const auto rank = static_cast<uint64_t>(group.rank());
    std::vector<Finding> mine = {{5 - rank, std::string(rank, 'x')}};
    if (rank == 1) mine.push_back({0, std::string("a\0b", 3)});
    std::string told;
    for (const Finding& finding : share(group, mine))
      told += std::to_string(finding.job) + finding.text + ",";
    EXPECT_EQ(told, std::string("0a\0b,3xx,4x,5,", 14));
    EXPECT_EQ(share_roots(group, {{7, "of rank " + std::to_string(rank)}}).at(0).text, "of rank 0");
  });
}

TEST(Outcome, ComesBackAsItWas) {
  Outcome outcome;
  outcome.job = 3;
  outcome.stamp = PairStamp{{1, -2, 3, UINT64_MAX}, {5, 6, 7, 8}};
  outcome.files_read = 1;
  outcome.bytes_read = 99;
  Outcome back = parse_outcome({3, print_outcome(outcome)});
  EXPECT_EQ(back.stamp, outcome.stamp);
  EXPECT_FALSE(back.failure || back.file);
  EXPECT_EQ(back.bytes_read, 99u);
  outcome.failure.emplace("what", "where\n", "");
  back = parse_outcome({3, print_outcome(outcome)});
  EXPECT_EQ(back.failure->where(), "where\n");
}

TEST(Stamps, AreOfOneManifestsBytesOnly) {
  const PairStamps stamps = {std::nullopt, PairStamp{{1, 2, 3, 4}, {5, 6, 7, 8}}};
  const std::string text = print_stamps(stamps, "manifest");
  EXPECT_EQ(parse_stamps(text, "manifest"), stamps);
  EXPECT_FALSE(parse_stamps(text, "manifesT"));
  EXPECT_FALSE(parse_stamps(text + "1 2 3\n", "manifest"));
  EXPECT_FALSE(parse_stamps(text + "1 2 3 4 -5 6 7 8\n", "manifest"));  // no file has -5 bytes
  EXPECT_FALSE(parse_stamps(text.substr(0, text.size() - 1), "manifest"));
  EXPECT_FALSE(parse_stamps("", "manifest"));
}

TEST(ReadAhead, HashesAsReadingThroughDoes) {
  TestFolder folder;
  std::string bytes(40 << 20, '\0');
  for (size_t i = 0; i < bytes.size(); i += 7) bytes[i] = static_cast<char>(i * 31 >> 8);
  write_file_atomic(folder / "f", bytes);
  uint64_t seen = 0;
  const HashedFile hashed = hash_with_stamp(folder / "f", true, [&](uint64_t amount) { seen += amount; });
  EXPECT_EQ(hashed.hash, xxh3_128(bytes).hex());
  EXPECT_EQ(seen, bytes.size());
  EXPECT_EQ(hash_with_stamp(folder / "f", false, nullptr).hash, hashed.hash);

  const OpenFile file(folder / "f");
  EXPECT_THROW(read_ahead(file, [](std::string_view) { throw Error("user's", "", ""); }), Error);
  std::filesystem::resize_file(folder / "f", 39 << 20);
  EXPECT_THROW(read_ahead(file, [](std::string_view) {}), Error);
  EXPECT_THROW(read_through(file, [](std::string_view) {}), Error);
}

}  // namespace
}  // namespace aurora::dataset
