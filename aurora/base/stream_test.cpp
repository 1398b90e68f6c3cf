#include "aurora/base/stream.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "aurora/base/error.h"
#include "aurora/base/random.h"
#include "aurora/base/test_folder.h"

namespace aurora {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

constexpr uint64_t kMuch = uint64_t{1} << 30;

// Text that compresses, but not to nothing.
std::string sample_text(size_t size) {
  std::string text;
  const RandomKey key = random_key(1, Purpose::kTest);
  for (uint64_t i = 0; text.size() < size; ++i) {
    text += "word" + std::to_string(random_below(i, key, 5000)) + (i % 11 == 10 ? "\n" : " ");
  }
  text.resize(size);
  return text;
}

void write_pieces(const Path& path, std::string_view bytes, size_t piece, int level = 3) {
  Writer writer(path, level);
  for (size_t at = 0; at < bytes.size(); at += piece) writer.write(bytes.substr(at, piece));
  writer.commit();
}

std::string error_of(const Path& path) {
  try {
    read_compressed(path, kMuch);
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

class Compressed : public ::testing::TestWithParam<const char*> {
 protected:
  Path file() const { return folder_ / (std::string("f") + GetParam()); }
  bool plain() const { return std::string(GetParam()).empty(); }
  TestFolder folder_;
};
INSTANTIATE_TEST_SUITE_P(Endings, Compressed, ::testing::Values("", ".gz", ".zst"));

TEST_P(Compressed, RoundTripsAnySize) {
  for (size_t size : {size_t{0}, size_t{1}, size_t{262144}, size_t{262145}, size_t{3'000'001}}) {
    const std::string text = sample_text(size);
    write_pieces(file(), text, 77'777);
    EXPECT_EQ(read_compressed(file(), kMuch), text) << size;
  }
}

TEST_P(Compressed, BytesDoNotDependOnTheSizesOfTheWrites) {
  const std::string text = sample_text(1'500'000);
  write_pieces(file(), text, text.size());
  const std::string whole = read_file(file());
  write_pieces(file(), text, 1013);
  EXPECT_EQ(read_file(file()), whole);
}

TEST_P(Compressed, EveryTruncationIsFound) {
  if (plain()) return;
  write_pieces(file(), sample_text(5000), 5000);
  const std::string whole = read_file(file());
  for (size_t keep = 4; keep < whole.size(); keep += 97) {
    write_file_atomic(file(), whole.substr(0, keep));
    EXPECT_THAT(error_of(file()), AllOf(HasSubstr("cut short"), HasSubstr("@" + std::to_string(keep))))
        << keep;
  }
}

TEST_P(Compressed, AFlippedByteIsFoundWithItsOffset) {
  if (plain()) return;
  write_pieces(file(), sample_text(400'000), 5000);
  const std::string whole = read_file(file());
  for (size_t at = 20; at < whole.size(); at += whole.size() / 9) {
    std::string damaged = whole;
    damaged[at] = static_cast<char>(damaged[at] ^ 0x10);
    write_file_atomic(file(), damaged);
    EXPECT_THAT(error_of(file()), AllOf(HasSubstr("is damaged"), HasSubstr(file().string() + "@"))) << at;
  }
}

TEST_P(Compressed, WhatIsSoundBeforeDamageIsHandedOut) {
  if (plain()) return;
  const std::string text = sample_text(2'000'000);
  write_pieces(file(), text, 100'000);
  const std::string whole = read_file(file());
  write_file_atomic(file(), whole.substr(0, whole.size() / 2));
  LineReader lines(file(), 1000);
  std::string line, seen;
  EXPECT_THROW(
      while (lines.next(line)) { seen += line + "\n"; }, Error);
  EXPECT_GT(seen.size(), text.size() / 4);
  EXPECT_EQ(seen, text.substr(0, seen.size()));
  EXPECT_FALSE(lines.next(line));
}

TEST_P(Compressed, AnExpansionBombIsBounded) {
  write_pieces(file(), std::string(8'000'000, 'a'), 1'000'000);
  EXPECT_EQ(read_compressed(file(), 8'000'000).size(), 8'000'000u);
  EXPECT_THROW(read_compressed(file(), 7'999'999), Error);
}

TEST(Streams, SeveralMembersOrFramesAreOneStream) {
  TestFolder folder;
  write_file_atomic(folder / "g", gzip_compress("one ", 9) + gzip_compress("", 1) + gzip_compress("two", 1));
  EXPECT_EQ(read_compressed(folder / "g", kMuch), "one two");
  const std::string skippable("\x50\x2a\x4d\x18\x03\0\0\0abc", 11);
  write_file_atomic(folder / "z", skippable + zstd_compress("one ", 3) + zstd_compress("two", 19));
  EXPECT_EQ(read_compressed(folder / "z", kMuch), "one two");
}

TEST(Streams, GzipAllowsZeroPaddingButNoRubbishBehind) {
  TestFolder folder;
  write_file_atomic(folder / "padded", gzip_compress("text", 6) + std::string(300'000, '\0'));
  EXPECT_EQ(read_compressed(folder / "padded", kMuch), "text");
  write_file_atomic(folder / "rubbish", gzip_compress("text", 6) + "rubbish");
  EXPECT_THAT(error_of(folder / "rubbish"), HasSubstr("other bytes follow"));
}

TEST(Streams, KindIsRecognisedByContentNotByName) {
  TestFolder folder;
  write_file_atomic(folder / "a.gz", "no gzip at all");
  EXPECT_EQ(read_compressed(folder / "a.gz", kMuch), "no gzip at all");
  write_file_atomic(folder / "b.txt", zstd_compress("packed", 3));
  EXPECT_EQ(read_compressed(folder / "b.txt", kMuch), "packed");
}

TEST(Streams, GzipHeaderHoldsNoTime) {
  const std::string packed = gzip_compress("text", 9);
  EXPECT_EQ(packed.substr(4, 4), std::string(4, '\0'));
}

TEST(Streams, AReaderGivesPiecesOfAnySize) {
  TestFolder folder;
  const std::string text = sample_text(10'000);
  for (const char* name : {"f", "f.gz", "f.zst"}) {
    write_pieces(folder / name, text, 10'000);
    const auto reader = open_reader(folder / name);
    std::string got;
    char piece[7];
    while (const size_t size = reader->read(piece, sizeof piece)) got.append(piece, size);
    EXPECT_EQ(got, text) << name;
    EXPECT_EQ(reader->read(piece, sizeof piece), 0u);
  }
}

std::vector<std::string> lines_of(const std::string& bytes, size_t max_line) {
  TestFolder folder;
  write_file_atomic(folder / "f", bytes);
  LineReader reader(folder / "f", max_line);
  std::vector<std::string> lines;
  std::string line;
  for (;;) {
    try {
      if (!reader.next(line)) break;
      lines.push_back(line);
    } catch (const Error& error) {
      lines.push_back("error at " + error.where().substr(error.where().rfind(':') + 1));
    }
  }
  return lines;
}

TEST(LineReader, GivesLinesWithAndWithoutALastNewline) {
  using ::testing::ElementsAre;
  EXPECT_THAT(lines_of("", 9), ElementsAre());
  EXPECT_THAT(lines_of("a\n\nb\n", 9), ElementsAre("a", "", "b"));
  EXPECT_THAT(lines_of("a\nb", 9), ElementsAre("a", "b"));
  EXPECT_THAT(lines_of("\n", 0), ElementsAre(""));
}

TEST(LineReader, ALongLineCostsItselfOnly) {
  using ::testing::ElementsAre;
  const std::string huge(1'000'000, 'x');
  EXPECT_THAT(lines_of("a\n" + huge + "\nb\n", 9), ElementsAre("a", "error at 2", "b"));
  EXPECT_THAT(lines_of("a\n" + huge, 9), ElementsAre("a", "error at 2"));
  EXPECT_THAT(lines_of("123456789\n1234567890\nb", 9), ElementsAre("123456789", "error at 2", "b"));
  EXPECT_THAT(lines_of(huge + "\n" + huge + "\n", 1'000'000), ElementsAre(huge, huge));
}

}  // namespace
}  // namespace aurora
