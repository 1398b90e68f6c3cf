#include "aurora/vocabulary/file_texts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "aurora/base/error.h"
#include "aurora/base/stream.h"
#include "aurora/base/test_folder.h"

namespace aurora::vocabulary {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;

std::vector<std::pair<std::string, uint64_t>> all_of(std::vector<WeightedFile> files, int rank = 0,
                                                     int ranks = 1) {
  const std::unique_ptr<TextSource> source = file_texts(std::move(files), rank, ranks);
  std::vector<std::pair<std::string, uint64_t>> all;
  std::string text;
  uint64_t weight = 1;
  while (source->next(text, weight)) all.emplace_back(text, weight);
  return all;
}

TEST(FileTexts, ReadsPlainFilesAndLinesOfJson) {
  const TestFolder folder;
  write_file_atomic(folder / "a.txt", "one\ntwo\n");
  write_file_atomic(folder / "b.jsonl", "{\"text\":\"three\"}\n{\"n\":1,\"text\":\"four\\n\"}\n");
  Writer zipped(folder / "c.jsonl.zst");
  zipped.write("{\"text\":\"five\"}\n");
  zipped.commit();
  write_file_atomic(folder / "empty", "");
  const std::vector<WeightedFile> files = {
      {folder / "a.txt", 3}, {folder / "b.jsonl", 1}, {folder / "empty", 1}, {folder / "c.jsonl.zst", 2}};
  EXPECT_THAT(all_of(files),
              ElementsAre(Pair("one\ntwo\n", 3), Pair("three", 1), Pair("four\n", 1), Pair("five", 2)));
  EXPECT_THAT(all_of(files, 0, 2), ElementsAre(Pair("one\ntwo\n", 3), Pair("four\n", 1)));
  EXPECT_THAT(all_of(files, 1, 2), ElementsAre(Pair("three", 1), Pair("five", 2)));
}

TEST(FileTexts, CutsBehindALineEndThatNoSpaceFollows) {
  const TestFolder folder;
  const size_t limit = 4 << 20;
  const auto first_text = [&](const std::string& bytes) {
    write_file_atomic(folder / "a.txt", bytes);
    const auto texts = all_of({{folder / "a.txt", 1}});
    std::string joined;
    for (const auto& [text, weight] : texts) joined += text;
    EXPECT_EQ(joined, bytes);
    return texts.at(0).first.size();
  };
  std::string bytes(limit + 100, 'x');
  EXPECT_EQ(first_text(bytes), limit);
  bytes.replace(limit - 2, 3, "\xe3\x81\x82");
  EXPECT_EQ(first_text(bytes), limit - 2);
  bytes.replace(limit - 9, 3, "\n\n ");
  EXPECT_EQ(first_text(bytes), limit - 7);
  bytes.replace(limit - 900, 2, "\n-");
  EXPECT_EQ(first_text(bytes), limit - 899);
}

TEST(FileTexts, NamesTheLineThatHasNoText) {
  const TestFolder folder;
  write_file_atomic(folder / "b.jsonl", "{\"text\":\"a\"}\n{\"txt\":\"b\"}\n");
  try {
    all_of({{folder / "b.jsonl", 1}});
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.where(), ::testing::EndsWith("b.jsonl:2"));
  }
}

TEST(WeightInUnits, RoundsToTheNearestButNeverToNothing) {
  EXPECT_EQ(weight_in_units(0.35, 100), 35u);
  EXPECT_EQ(weight_in_units(0.5, 1), 1u);
  EXPECT_EQ(weight_in_units(1.4, 1), 1u);
  EXPECT_EQ(weight_in_units(0.0001, 100), 1u);
  EXPECT_EQ(weight_in_units(0, 100), 0u);
  EXPECT_THROW(weight_in_units(-1, 100), UsageError);
}

}  // namespace
}  // namespace aurora::vocabulary
