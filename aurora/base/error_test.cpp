#include "aurora/base/error.h"

#include <gtest/gtest.h>

#include <cerrno>
#include <string>

#include "aurora/base/check.h"

namespace aurora {
namespace {

TEST(Error, SaysWhereWhatAndRemedy) {
  const Error error("line too long", "a.txt:3", "split it");
  EXPECT_STREQ(error.what(), "a.txt:3: line too long (split it)");
  EXPECT_EQ(error.happened(), "line too long");
  EXPECT_EQ(error.where(), "a.txt:3");
  EXPECT_EQ(error.remedy(), "split it");
}

TEST(Error, LeavesOutEmptyParts) {
  EXPECT_STREQ(Error("stopped", "", "").what(), "stopped");
}

TEST(Error, UsageErrorIsAnError) {
  EXPECT_THROW(throw UsageError("unknown key", "a.toml:1", ""), Error);
}

TEST(Error, SystemErrorNamesPathReasonAndRemedy) {
  const Error error = system_error("write", "/data/x", ENOSPC);
  EXPECT_EQ(error.where(), "/data/x");
  EXPECT_EQ(error.happened(), "cannot write: No space left on device");
  EXPECT_NE(error.remedy().find("free some"), std::string::npos);
}

TEST(CheckDeathTest, PrintsRankPlaceAndBothValues) {
  EXPECT_DEATH(AURORA_CHECK_EQ(1 + 1, 3), R"(rank 0: .*aurora/base/error_test\.cpp:[0-9]+: .*2 vs 3)");
  EXPECT_DEATH(AURORA_CHECK(false, "shape {}", 7), "check failed: false: shape 7");
}

TEST(CheckDeathTest, CallsTheAbortHandlerAndNamesTheRank) {
  EXPECT_DEATH(
      {
        set_check_rank(5);
        set_abort_handler([](const char*) { fputs("stopping all ranks\n", stderr); });
        AURORA_CHECK(false);
      },
      "rank 5: .*\n.*stopping all ranks");
}

TEST(Check, PassesSilently) {
  AURORA_CHECK(true);
  AURORA_CHECK_LT(1, 2);
}

}  // namespace
}  // namespace aurora
