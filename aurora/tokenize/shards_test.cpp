#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <numeric>
#include <set>

#include "aurora/base/stream.h"
#include "aurora/base/test_folder.h"
#include "aurora/tokenize/shard_reader.h"

namespace aurora::tokenize {
namespace {

using testing::ElementsAre;

TEST(Shards, AreOneLargeFileOrSeveralSmallOnes) {
  const std::vector<InputFile> files = {{"a", 10}, {"b", 200}, {"c", 60}, {"d", 60}, {"e", 1}};
  const std::vector<Shard> shards = cut_shards(files, {.shard_bytes = 100});
  ASSERT_EQ(shards.size(), 3u);
  EXPECT_EQ(shards[0].files, 2u);
  EXPECT_EQ(shards[1].first_file, 2u);
  EXPECT_EQ(shards[1].bytes, 120u);
  EXPECT_EQ(shards[2].files, 1u);
}

std::vector<Shard> of_bytes(const std::vector<uint64_t>& bytes) {
  std::vector<Shard> shards;
  for (const uint64_t b : bytes) shards.push_back({shards.size(), 1, b});
  return shards;
}

TEST(Shards, EachGoesToOneRankAndLoadsAreEven) {
  const std::vector<Shard> shards = of_bytes({10, 90, 20, 80, 30, 70, 0, 0, 0});
  std::vector<uint32_t> left(shards.size());
  std::iota(left.begin(), left.end(), 0);
  std::set<uint32_t> seen;
  for (int rank = 0; rank < 3; ++rank) {
    uint64_t bytes = 0;
    for (const ShardShare& share : share_of_rank(shards, left, rank, 3)) {
      EXPECT_TRUE(seen.insert(share.shard).second);
      EXPECT_EQ(share.of, 1u);
      bytes += shards[share.shard].bytes;
    }
    EXPECT_EQ(bytes, 100u);
  }
  EXPECT_EQ(seen.size(), shards.size());
}

TEST(Shards, RanksThatOutnumberThemShareThem) {
  const std::vector<Shard> shards = of_bytes({5, 5, 5, 5});
  std::vector<std::set<uint32_t>> indices(4);
  std::vector<uint32_t> of(4);
  for (int rank = 0; rank < 5; ++rank) {
    for (const ShardShare& share : share_of_rank(shards, std::vector<uint32_t>{1, 3}, rank, 5)) {
      EXPECT_TRUE(indices[share.shard].insert(share.index).second);
      of[share.shard] = share.of;
    }
  }
  EXPECT_THAT(of, ElementsAre(0, 3, 0, 2));
  EXPECT_THAT(indices[1], ElementsAre(0, 1, 2));
  EXPECT_THAT(indices[3], ElementsAre(0, 1));
  EXPECT_TRUE(share_of_rank(shards, {}, 0, 5).empty());
}

class ShardReaderTest : public testing::Test {
 protected:
  void add(const std::string& name, const std::string& bytes) {
    Writer writer(folder_ / name);
    writer.write(bytes);
    writer.commit();
    files_.push_back(input_file(folder_ / name));
  }
  // "unit.number:lines" with "|" behind a unit's end, and every problem.
  std::vector<std::string> read(const Cuts& cuts) {
    std::vector<std::string> seen;
    ShardReader reader(files_, {0, files_.size(), 0}, cuts);
    Block block;
    while (reader.next(block)) {
      seen.push_back(std::to_string(block.unit) + "." + std::to_string(block.number) + ":" +
                     std::string(block.lines()) + (block.ends_unit ? "|" : ""));
      first_lines_.push_back(block.first_line);
      for (const InputProblem& problem : block.problems)
        seen.push_back(Path(problem.where).filename().string() + " " + problem.what);
    }
    return seen;
  }

  TestFolder folder_;
  std::vector<InputFile> files_;
  std::vector<uint64_t> first_lines_;
};

TEST_F(ShardReaderTest, BlocksAndUnitsEndWithTheLineThatFillsThem) {
  add("a", "1\n22\n333\n4\n55\n");
  add("b", "6");
  EXPECT_THAT(read({.unit_bytes = 7, .block_bytes = 4}),
              ElementsAre("0.0:1\n22\n", "0.1:333\n|", "1.0:4\n55\n", "1.1:", "1.2:6", "1.3:|"));
  EXPECT_THAT(first_lines_, ElementsAre(1, 3, 4, 6, 1, 2));
}

TEST_F(ShardReaderTest, AShardAlwaysEndsWithAnEmptyBlock) {
  add("a", "");
  EXPECT_THAT(read({}), ElementsAre("0.0:", "0.1:|"));
}

TEST_F(ShardReaderTest, ALineThatIsTooLongCostsItselfOnly) {
  add("a", "1\n" + std::string(40, 'x') + "\n3\n4\n");
  EXPECT_THAT(read({.block_bytes = 4, .line_bytes = 20}),
              ElementsAre("0.0:1\n", "a:2 a line longer than 20 bytes", "0.1:3\n4\n", "0.2:", "0.3:|"));
  EXPECT_THAT(first_lines_, ElementsAre(1, 3, 5, 5));
  files_.clear();
  add("b", "1\n" + std::string(500'000, 'x') + "\n3\n");
  add("c", std::string(500'000, 'x'));
  EXPECT_THAT(read({.block_bytes = 4, .line_bytes = 20}),
              ElementsAre("0.0:1\n", "b:2 a line longer than 20 bytes", "0.1:3\n",
                          "0.2:", "c:1 a line longer than 20 bytes", "0.3:|"));
}

TEST_F(ShardReaderTest, BlocksArePiecesOfTheFileWhateverTheirSize) {
  std::string bytes;
  for (int i = 0; i < 3000; ++i)
    bytes += std::to_string(i * i) + std::string(static_cast<size_t>(i % 97), 'y') + "\n";
  add("a.zst", bytes);
  for (const uint64_t size : {100, 3000, 70'000, 1'000'000}) {
    ShardReader reader(files_, {0, 1, 0}, {.unit_bytes = 3 * size, .block_bytes = size});
    Block block;
    std::string joined;
    uint64_t lines = 0;
    while (reader.next(block)) {
      EXPECT_EQ(block.first_line, lines + 1);
      joined += block.lines();
      lines = static_cast<uint64_t>(std::count(joined.begin(), joined.end(), '\n'));
    }
    EXPECT_EQ(joined, bytes) << size;
  }
}

}  // namespace
}  // namespace aurora::tokenize
