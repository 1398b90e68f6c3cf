// Documents to token files under mpiexec: started by tests/ranks/CMakeLists.txt on several numbers of ranks.
#include "aurora/comm/self.h"
#include "aurora/comm/world.h"
#include "aurora/tokenize/tokenize_files.h"
#include "aurora/tokenize/tokenize_testing.h"

namespace aurora::tokenize {
namespace {

comm::Group* world = nullptr;

// One folder for all ranks of this machine, made by rank 0.
class TokenizeRanks : public testing::Test {
 protected:
  TokenizeRanks() {
    if (world->rank() == 0) {
      made_ = std::make_unique<TestFolder>();
      write_documents(*made_ / "documents");
      const std::string name = made_->path().string();
      std::copy(name.begin(), name.end(), name_);
    }
    world->broadcast(name_, sizeof name_, 0);
  }
  ~TokenizeRanks() override { world->barrier(); }  // rank 0 removes the folder when all are done

  Path folder() const { return name_; }
  TokenizeSummary run(const std::string& out, comm::Group& group) const {
    Pool pool(2);
    return tokenize_documents(folder() / "documents", byte_tokenizer(), small_rule(), folder() / out,
                              {group, pool, Log::silent()}, kSmallCuts);
  }
  FilesSummary run_files(const std::string& out, comm::Group& group) const {
    Pool pool(2);
    FilesSettings settings;
    settings.cuts = kSmallCuts;
    return tokenize_files({folder() / "documents"}, byte_tokenizer(), folder() / out / "tokens", settings,
                          {group, pool, Log::silent()});
  }

  std::unique_ptr<TestFolder> made_;
  char name_[1024] = {};
};

TEST_F(TokenizeRanks, GiveTheBytesOfOneRank) {
  const TokenizeSummary together = run("together", *world);
  EXPECT_GT(together.units, 5u);
  if (world->rank() != 0) return;
  const TokenizeSummary alone = run("alone", *comm::self_group());
  EXPECT_EQ(summary_notes(together), summary_notes(alone));
  EXPECT_EQ(contents(folder() / "together"), contents(folder() / "alone"));
}

TEST_F(TokenizeRanks, GiveTheBytesOfOneRankForFiles) {
  const FilesSummary together = run_files("together", *world);
  EXPECT_EQ(together.counts.documents, 40u);
  if (world->rank() != 0) return;
  run_files("alone", *comm::self_group());
  EXPECT_EQ(contents(folder() / "together"), contents(folder() / "alone"));
}

TEST_F(TokenizeRanks, GoOnFromWhatOneRankLeft) {
  if (world->rank() == 0) {
    run("whole", *comm::self_group());
    const Path working = folder() / "cut" / "working";
    for (uint64_t point = 2; list_units_of(working).size() < 3; ++point)
      killed_at(point, [&] { run("cut", *comm::self_group()); });
    flip_byte(list_units_of(working)[1], 5);
  }
  world->barrier();
  const TokenizeSummary summary = run("cut", *world);
  EXPECT_GE(summary.units_kept, 2u);
  EXPECT_LT(summary.units_kept, summary.units);
  if (world->rank() != 0) return;
  EXPECT_EQ(contents(folder() / "cut"), contents(folder() / "whole"));
}

}  // namespace
}  // namespace aurora::tokenize

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  const auto group = aurora::comm::world_group();
  aurora::tokenize::world = group.get();
  // Only one rank speaks, but each one's failures count.
  if (group->rank() != 0) {
    auto& listeners = testing::UnitTest::GetInstance()->listeners();
    delete listeners.Release(listeners.default_result_printer());
  }
  return RUN_ALL_TESTS();
}
