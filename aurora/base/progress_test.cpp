#include "aurora/base/progress.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <thread>
#include <vector>

#include "aurora/base/test_folder.h"

namespace aurora {
namespace {

using ::testing::HasSubstr;
using ::testing::MatchesRegex;
using ::testing::Not;

// A file that a Log writes to.
class Sink {
 public:
  Sink() : fd_(::open((folder_ / "log").c_str(), O_CREAT | O_WRONLY | O_APPEND, 0600)) {}
  ~Sink() { ::close(fd_); }
  int fd() const { return fd_; }
  std::string text() const { return read_file(folder_ / "log"); }

 private:
  TestFolder folder_;
  int fd_;
};

TEST(Log, WritesWholeLines) {
  Sink sink;
  Log log(sink.fd());
  log.info("{} files", 3);
  log.warn("slow disk");
  EXPECT_EQ(sink.text(), "3 files\nwarning: slow disk\n");
}

TEST(Log, QuietKeepsWarnings) {
  Sink sink;
  Log log(sink.fd(), true);
  log.info("{} files", 3);
  log.warn("slow disk");
  EXPECT_EQ(sink.text(), "warning: slow disk\n");
  Log::silent().warn("nobody hears");
}

TEST(Log, LinesOfThreadsDoNotMix) {
  Sink sink;
  Log log(sink.fd());
  std::vector<std::thread> threads;
  for (char letter : {'a', 'b', 'c'}) {
    threads.emplace_back([&log, letter] {
      for (int i = 0; i < 200; ++i) log.info("{}", std::string(50, letter));
    });
  }
  for (auto& thread : threads) thread.join();
  const std::string text = sink.text();
  EXPECT_EQ(text.size(), 600u * 51);
  for (size_t at = 0; at < text.size(); at += 51) {
    ASSERT_EQ(text.substr(at, 51), std::string(50, text[at]) + "\n");
  }
}

TEST(Progress, WritesPlainLinesAndALastOneElsewhereThanOnATerminal) {
  Sink sink;
  Log log(sink.fd());
  {
    Progress progress(log, "read", 4000, "B", 0);
    progress.note("3 bad");
    progress.add(1000);
    progress.add(3000);
  }
  const std::string text = sink.text();
  EXPECT_THAT(text, HasSubstr("read: 25 %, 1.00 KB of 4.00 KB, "));
  EXPECT_THAT(text, HasSubstr(" left, 3 bad\n"));
  EXPECT_THAT(text, MatchesRegex("(.*\n)*read: 4.00 KB in [^\n]+, [^\n]+B/s, 3 bad\n"));
  EXPECT_THAT(text, Not(HasSubstr("\r")));
}

TEST(Progress, IsSparseAndCountsOfAllThreads) {
  Sink sink;
  Log log(sink.fd());
  {
    Progress progress(log, "work", 0, "documents", 1000);
    std::vector<std::thread> threads;
    for (int i = 0; i < 3; ++i) {
      threads.emplace_back([&] {
        for (int j = 0; j < 1000; ++j) progress.add(1);
      });
    }
    for (auto& thread : threads) thread.join();
  }
  EXPECT_THAT(sink.text(), MatchesRegex("work: 3.00 k documents in [^\n]+ documents/s\n"));
}

TEST(Progress, DrawsABarOnATerminal) {
  const int master = ::posix_openpt(O_RDWR | O_NOCTTY);
  ASSERT_TRUE(master >= 0 && ::grantpt(master) == 0 && ::unlockpt(master) == 0);
  const int terminal = ::open(::ptsname(master), O_RDWR | O_NOCTTY);
  ASSERT_GE(terminal, 0);
  Log log(terminal);
  ASSERT_TRUE(log.is_terminal());
  {
    Progress progress(log, "read", 100, "files");
    std::this_thread::sleep_for(std::chrono::milliseconds(120));
    progress.add(50);
    log.info("a line");
  }
  std::string text;  // a terminal hands its bytes out in pieces
  while (text.find("read: 50 files in ") == std::string::npos) {
    char bytes[4096];
    const ssize_t got = ::read(master, bytes, sizeof bytes);
    ASSERT_GT(got, 0);
    text.append(bytes, static_cast<size_t>(got));
  }
  ::close(terminal);
  ::close(master);
  EXPECT_THAT(text, HasSubstr("read [############............] 50 %, 50 of 100 files, "));
  EXPECT_THAT(text, HasSubstr("\r\x1b[Ka line\r\n"));
  EXPECT_THAT(text, HasSubstr("\r\x1b[Kread: 50 files in "));
}

TEST(Human, SpellsAmounts) {
  EXPECT_EQ(human_bytes(0), "0 B");
  EXPECT_EQ(human_bytes(999), "999 B");
  EXPECT_EQ(human_bytes(1200), "1.20 KB");
  EXPECT_EQ(human_bytes(34.5e6), "34.5 MB");
  EXPECT_EQ(human_bytes(999.99e6), "1.00 GB");
  EXPECT_EQ(human_count(12), "12");
  EXPECT_EQ(human_count(0.417), "0.42");
  EXPECT_EQ(human_count(124.4e6), "124 M");
  EXPECT_EQ(human_seconds(0.25), "250ms");
  EXPECT_EQ(human_seconds(3.14), "3.1s");
  EXPECT_EQ(human_seconds(59.6), "1m00s");
  EXPECT_EQ(human_seconds(192), "3m12s");
  EXPECT_EQ(human_seconds(7500), "2h05m");
  EXPECT_EQ(human_seconds(90000), "1d01h");
  EXPECT_EQ(human_seconds(1.0 / 0.0), "?");
}

}  // namespace
}  // namespace aurora
