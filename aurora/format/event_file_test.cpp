#include "aurora/format/event_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "aurora/base/error.h"

namespace aurora::format {
namespace {

using ::testing::ElementsAre;

class EventFileTest : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = Path(::testing::TempDir()) /
              ("event_file_" + std::string(::testing::UnitTest::GetInstance()->current_test_info()->name()));
    std::filesystem::remove_all(folder_);
    path_ = folder_ / "events.out.tfevents.test";
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  void write_steps(int64_t last_step, int64_t from, int64_t to, float value) {
    EventFileWriter writer(path_, last_step);
    for (int64_t step = from; step <= to; ++step) writer.write({100.0, step, {{"loss", value}}});
  }
  std::vector<std::pair<int64_t, float>> steps() {
    std::vector<std::pair<int64_t, float>> found;
    for (const ScalarEvent& event : read_event_file(path_)) {
      found.emplace_back(event.step, event.scalars[0].value);
    }
    return found;
  }

  Path folder_;
  Path path_;
};

// RFC 3720, B.4.
TEST(Crc32cTest, KnownVectors) {
  EXPECT_EQ(crc32c(std::string(32, '\0')), 0x8a9136aau);
  EXPECT_EQ(crc32c(std::string(32, '\xff')), 0x62a8ab43u);
  EXPECT_EQ(crc32c("123456789"), 0xe3069283u);
  EXPECT_EQ(crc32c(""), 0u);
}

// The worked example of docs/formats/event_file.md.
TEST_F(EventFileTest, WritesTheDocumentedBytes) {
  {
    EventFileWriter writer(path_, -1);
    writer.write({1.0, 300, {{"a", 2.0f}}});
  }
  std::string bytes = read_file(path_);
  ASSERT_EQ(bytes.size(), 40u + 40u);
  EXPECT_EQ(bytes.substr(12, 24), std::string("\x09\0\0\0\0\0\0\0\0\x1a\x0d", 11) + "brain.Event:2");
  EXPECT_EQ(bytes.substr(40, 8), std::string("\x18\0\0\0\0\0\0\0", 8));
  EXPECT_EQ(bytes.substr(52, 24), std::string("\x09\0\0\0\0\0\0\xf0\x3f", 9) +  // wall time 1.0
                                      "\x10\xac\x02" +                          // step 300
                                      "\x2a\x0a\x0a\x08" +                      // a summary of one value
                                      "\x0a\x01" + "a" +                        // its tag
                                      std::string("\x15\0\0\0\x40", 5));        // 2.0
}

TEST_F(EventFileTest, ReadsBackWhatWasWritten) {
  {
    EventFileWriter writer(path_, -1);
    writer.write({123.5, 0, {{"train/loss", 9.0f}, {"train/rate", 1e-3f}}});
    writer.write({124.5, int64_t{1} << 40, {{"train/loss", -0.5f}}});
  }
  std::vector<ScalarEvent> events = read_event_file(path_);
  ASSERT_EQ(events.size(), 2u);
  EXPECT_EQ(events[0].wall_time_s, 123.5);
  ASSERT_EQ(events[0].scalars.size(), 2u);
  EXPECT_EQ(events[0].scalars[1].tag, "train/rate");
  EXPECT_EQ(events[0].scalars[1].value, 1e-3f);
  EXPECT_EQ(events[1].step, int64_t{1} << 40);
}

TEST_F(EventFileTest, AResumedRunOverwritesTheStepsItRepeats) {
  write_steps(-1, 1, 5, 1.0f);
  write_steps(3, 4, 6, 2.0f);
  using Pair = std::pair<int64_t, float>;
  EXPECT_THAT(steps(), ElementsAre(Pair{1, 1}, Pair{2, 1}, Pair{3, 1}, Pair{4, 2}, Pair{5, 2}, Pair{6, 2}));
  write_steps(-1, 9, 9, 3.0f);
  EXPECT_THAT(steps(), ElementsAre(Pair{9, 3}));
}

TEST_F(EventFileTest, ATornRecordIsCutOffWhereverTheCutLies) {
  write_steps(-1, 1, 2, 1.0f);
  std::string bytes = read_file(path_);
  size_t second = bytes.size() - (bytes.size() - 40) / 2;
  for (size_t size = second; size < bytes.size(); ++size) {
    write_file_atomic(path_, bytes.substr(0, size));
    EXPECT_EQ(steps().size(), 1u);
    write_steps(10, 2, 2, 1.0f);
    EXPECT_EQ(read_file(path_), bytes) << size;
  }
}

TEST_F(EventFileTest, AFlippedByteEndsTheFileThere) {
  write_steps(-1, 1, 2, 1.0f);
  std::string bytes = read_file(path_);
  for (size_t at = 40; at < bytes.size(); ++at) {
    std::string wrong = bytes;
    wrong[at] ^= 0x10;
    write_file_atomic(path_, wrong);
    EXPECT_LT(steps().size(), 2u) << at;
  }
}

TEST_F(EventFileTest, AnotherFileIsNoEventFile) {
  write_file_atomic(path_, "a text that is long enough to hold a head of a record");
  EXPECT_THROW(read_event_file(path_), Error);
}

}  // namespace
}  // namespace aurora::format
