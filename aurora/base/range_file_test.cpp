#include "aurora/base/range_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "aurora/base/error.h"
#include "aurora/base/test_folder.h"

namespace aurora {
namespace {

using ::testing::HasSubstr;

std::string range(const RangeFile& file, uint64_t offset, size_t size) {
  std::string bytes(size, '\0');
  file.read(offset, bytes.data(), size);
  return bytes;
}

TEST(RangeFile, ReadsAnyRange) {
  TestFolder folder;
  write_file_atomic(folder / "a", "0123456789");
  const auto file = open_range_file(folder / "a");
  EXPECT_EQ(file->size(), 10u);
  EXPECT_EQ(file->name(), (folder / "a").string());
  EXPECT_EQ(range(*file, 0, 10), "0123456789");
  EXPECT_EQ(range(*file, 3, 4), "3456");
  EXPECT_EQ(range(*file, 10, 0), "");
}

TEST(RangeFile, ARangeBehindTheEndIsAnErrorWithItsPlace) {
  TestFolder folder;
  write_file_atomic(folder / "a", "0123456789");
  const auto file = open_range_file(folder / "a");
  EXPECT_THROW(range(*file, 11, 0), Error);
  EXPECT_THROW(range(*file, ~uint64_t{0}, 2), Error);
  try {
    range(*file, 8, 3);
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("a@10"));
  }
}

TEST(RangeFile, AFileCutShortAfterOpeningIsAnErrorAndNoSignal) {
  TestFolder folder;
  write_file_atomic(folder / "a", std::string(100'000, 'x'));
  const auto file = open_range_file(folder / "a");
  std::filesystem::resize_file(folder / "a", 5'000);
  EXPECT_EQ(range(*file, 4'000, 1'000), std::string(1'000, 'x'));
  try {
    range(*file, 4'000, 90'000);
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("a@5000"));
    EXPECT_THAT(error.what(), HasSubstr("it had 100000 when it was opened"));
  }
}

TEST(RangeFile, HintsOfAnyRangeDoNothingBad) {
  TestFolder folder;
  write_file_atomic(folder / "a", "0123456789");
  const auto file = open_range_file(folder / "a");
  file->will_need(0, 10);
  file->will_need(5, ~uint64_t{0});
  file->will_need(~uint64_t{0}, 1);
  EXPECT_EQ(range(*file, 9, 1), "9");
}

TEST(RangeFile, WhatIsNoRegularFileIsRefused) {
  TestFolder folder;
  EXPECT_THROW(open_range_file(folder / "missing"), Error);
  EXPECT_THROW(open_range_file(folder.path()), Error);
}

}  // namespace
}  // namespace aurora
