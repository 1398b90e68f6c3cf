// The MPI group under mpiexec: started by tests/ranks/CMakeLists.txt on several numbers of ranks.
#include <gtest/gtest.h>

#include <cstring>
#include <memory>

#include "aurora/base/check.h"
#include "aurora/base/error.h"
#include "aurora/comm/group_exercise.h"
#include "aurora/comm/world.h"

namespace aurora::comm {
namespace {

Group* world = nullptr;

TEST(MpiGroup, DoesAllAGroupMust) {
  exercise_group(*world);
}

TEST(MpiGroup, SendsLargeMessages) {
  if (world->size() == 1) return;
  std::vector<uint64_t> data(3 << 20);
  if (world->rank() == 0) std::iota(data.begin(), data.end(), 5);
  if (world->rank() == 0) world->send(data.data(), data.size() * 8, 1, 2);
  if (world->rank() == 1) world->receive(data.data(), data.size() * 8, 0, 2);
  world->broadcast(data.data(), data.size() * 8, 1);
  EXPECT_EQ(data.front(), 5u);
  EXPECT_EQ(data.back(), 5u + data.size() - 1);
}

// The last rank fails while the others wait for it.
void fail(bool by_check) {
  if (world->rank() == world->size() - 1) {
    AURORA_CHECK(!by_check, "on purpose");
    try {
      throw Error("on purpose", "", "");
    } catch (const Error& error) {
      world->abort(error.what());
    }
  }
  world->barrier();
}

}  // namespace
}  // namespace aurora::comm

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  const auto group = aurora::comm::world_group();
  aurora::comm::world = group.get();
  if (argc > 1) aurora::comm::fail(std::strcmp(argv[1], "--check") == 0);
  // Only one rank speaks, but each one's failures count.
  if (group->rank() != 0) {
    auto& listeners = testing::UnitTest::GetInstance()->listeners();
    delete listeners.Release(listeners.default_result_printer());
  }
  return RUN_ALL_TESTS();
}
