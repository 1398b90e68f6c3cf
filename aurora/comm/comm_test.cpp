#include <gtest/gtest.h>

#include <atomic>

#include "aurora/base/error.h"
#include "aurora/comm/group_exercise.h"
#include "aurora/comm/self.h"
#include "aurora/comm/thread_ranks.h"
#include "aurora/comm/world.h"

namespace aurora::comm {
namespace {

TEST(Group, OfOneDoesAllAGroupMust) {
  exercise_group(*self_group());
}

TEST(Group, OfThreadsDoesAllAGroupMust) {
  for (int ranks : {1, 2, 3, 5}) run_threads(ranks, exercise_group);
}

TEST(Group, OfAProcessThatNoLauncherStartedHasOneRank) {
  const auto group = world_group();
  EXPECT_EQ(group->size(), 1);
  EXPECT_EQ(group->rank(), 0);
}

TEST(ThreadRanks, BarrierHoldsBackUntilAllAreThere) {
  std::atomic<int> arrived = 0;
  run_threads(5, [&](Group& group) {
    for (int round = 1; round <= 20; ++round) {
      ++arrived;
      group.barrier();
      EXPECT_EQ(arrived, 5 * round);
      group.barrier();
    }
  });
}

TEST(ThreadRanks, AnErrorOnOneRankEndsTheOthersAndIsToldToTheCaller) {
  for (int bad = 0; bad < 3; ++bad) {
    std::atomic<int> stopped = 0;
    try {
      run_threads(3, [&](Group& group) {
        if (group.rank() == bad) throw Error("disk full", "file", "");
        try {
          int value = 0;
          if (group.rank() == (bad + 1) % 3)
            group.barrier();
          else
            group.receive(&value, sizeof value, bad, 1);
        } catch (const Error& error) {
          EXPECT_NE(std::string(error.what()).find("disk full"), std::string::npos);
          ++stopped;
          throw;
        }
      });
      FAIL() << "no error";
    } catch (const Error& error) {
      EXPECT_EQ(error.happened(), "disk full");
    }
    EXPECT_EQ(stopped, 2);
  }
}

TEST(ThreadRanks, AbortEndsAllRanks) {
  EXPECT_THROW(run_threads(3,
                           [](Group& group) {
                             if (group.rank() == 2) group.abort("enough");
                             group.barrier();
                           }),
               Error);
}

TEST(ThreadRanksDeathTest, UnequalSizesAreABug) {
  EXPECT_DEATH(run_threads(2,
                           [](Group& group) {
                             char bytes[8] = {};
                             if (group.rank() == 0)
                               group.send(bytes, 8, 1, 0);
                             else
                               group.receive(bytes, 4, 0, 0);
                           }),
               "rank 0 sends 8 bytes, rank 1 wants 4");
}

}  // namespace
}  // namespace aurora::comm
