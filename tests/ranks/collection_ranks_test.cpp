// Collections under mpiexec: started by tests/ranks/CMakeLists.txt on several numbers of ranks.
#include <gtest/gtest.h>

#include "aurora/base/error.h"
#include "aurora/comm/world.h"
#include "aurora/dataset/collection_json.h"
#include "aurora/dataset/collection_testing.h"

namespace aurora::dataset {
namespace {

comm::Group* world = nullptr;

// One folder for all ranks of this machine, made by rank 0.
class CollectionRanks : public testing::Test {
 protected:
  CollectionRanks() {
    if (world->rank() == 0) {
      small = std::make_unique<SmallCollection>();
      std::string lines;
      for (int i = 0; i < 12; ++i) {
        write_pair(small->folder / ("data/n" + std::to_string(i)), {i, 500 * (i % 3), 7}, i);
        lines += "0.5 data/n" + std::to_string(i) + " corpus" + std::to_string(i % 4) + "\n";
      }
      write_old_file(small->list(), lines);
      const std::string name = small->folder.path().string();
      std::copy(name.begin(), name.end(), folder_name);
    }
    world->broadcast(folder_name, sizeof folder_name, 0);
  }
  ~CollectionRanks() override { world->barrier(); }  // rank 0 removes the folder when all are done

  Path folder() const { return folder_name; }
  Path list() const { return folder() / "list"; }
  Path manifest() const { return folder() / "collection.json"; }
  Collection make(const CollectionSettings& settings = {}) {
    Pool pool(2);
    return make_from(list(), settings, manifest(), *world, pool);
  }

  std::unique_ptr<SmallCollection> small;
  char folder_name[1024] = {};
};

TEST_F(CollectionRanks, GiveTheBytesOfOneRank) {
  CollectionSettings settings;
  settings.licence = "MIT";
  settings.pack_sequence_length = 64;
  settings.pack_block_windows = 2;
  const Collection made = make(settings);
  EXPECT_EQ(made.reading.files_read, 12u);
  EXPECT_EQ(print_collection(made), print_collection(make_from(list(), settings)));
}

TEST_F(CollectionRanks, ReadOnlyWhatChanged) {
  const Collection first = make();
  if (world->rank() == 0) {
    write_collection(manifest(), first);
    write_pair(folder() / "data/n5", {3}, 9);
  }
  world->barrier();
  const Collection second = make();
  EXPECT_EQ(second.reading.files_read, 1u);
  EXPECT_EQ(print_collection(second), print_collection(make_from(list())));
}

TEST_F(CollectionRanks, VerifyTogether) {
  const Collection made = make();
  if (world->rank() == 0) {
    write_collection(manifest(), made);
    const Path bin = folder() / "data/n7.bin";
    write_old_file(bin, flipped_byte(read_file(bin), 3));
  }
  world->barrier();
  Pool pool(2);
  const std::vector<std::string> damages =
      verify_collection(manifest(), read_collection(manifest()), *world, pool);
  ASSERT_EQ(damages.size(), 1u);
  EXPECT_EQ(damages[0], (folder() / "data/n7.bin").string() + " has the right size but other bytes");
}

TEST_F(CollectionRanks, AllTellTheFirstError) {
  if (world->rank() == 0) {
    std::filesystem::remove(folder() / "data/n9.idx");
    write_old_file(folder() / "data/n2.bin", "odd");
  }
  world->barrier();
  try {
    make();
    ADD_FAILURE() << "accepted";
  } catch (const Error& error) {
    EXPECT_EQ(Path(error.where()).filename(), "n2.bin");
  }
}

}  // namespace
}  // namespace aurora::dataset

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  const auto group = aurora::comm::world_group();
  aurora::dataset::world = group.get();
  // Only one rank speaks, but each one's failures count.
  if (group->rank() != 0) {
    auto& listeners = testing::UnitTest::GetInstance()->listeners();
    delete listeners.Release(listeners.default_result_printer());
  }
  return RUN_ALL_TESTS();
}
