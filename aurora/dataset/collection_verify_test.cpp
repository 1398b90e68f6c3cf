#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "aurora/comm/thread_ranks.h"
#include "aurora/dataset/collection_json.h"
#include "aurora/dataset/collection_testing.h"

namespace aurora::dataset {
namespace {

using testing::ElementsAre;
using testing::EndsWith;
using testing::IsEmpty;

std::vector<std::string> verify(const Path& manifest) {
  return verify_collection(manifest, read_collection(manifest), *comm::self_group(), Pool::serial());
}

class VerifyCollection : public testing::Test {
 protected:
  VerifyCollection() {
    CollectionSettings settings;
    settings.pack_sequence_length = 4;
    settings.pack_block_windows = 1;
    write_collection(small.manifest(), make_from(small.list(), settings));
  }
  Path data(const char* name) const { return small.folder / "data" / name; }

  SmallCollection small;
};

TEST_F(VerifyCollection, HasNothingToSayOfWholeFiles) {
  EXPECT_THAT(verify(small.manifest()), IsEmpty());
}

TEST_F(VerifyCollection, KnowsACollectionByItsFirstBytes) {
  EXPECT_TRUE(is_collection(small.manifest()));
  EXPECT_FALSE(is_collection(small.list()));
  EXPECT_FALSE(is_collection(stamps_path(small.manifest())));
  EXPECT_FALSE(is_collection(small.folder / "missing"));
}

TEST_F(VerifyCollection, NoticesAFlippedByteInBinAndIdx) {
  for (const char* name : {"b.bin", "b.idx"}) {
    const std::string bytes = read_file(data(name));
    write_old_file(data(name), flipped_byte(bytes, 40));
    EXPECT_THAT(verify(small.manifest()),
                ElementsAre(data(name).string() + " has the right size but other bytes"));
    write_old_file(data(name), bytes);
  }
}

TEST_F(VerifyCollection, NamesEveryFileInOrderOnAllRanks) {
  std::filesystem::remove(data("a.idx"));
  write_old_file(data("b.bin"), "12");
  write_old_file(data("c.bin"), "xxxxxx");
  for (const int ranks : {1, 2, 3}) {
    comm::run_threads(ranks, [&](comm::Group& group) {
      Pool pool(2);
      EXPECT_THAT(verify_collection(small.manifest(), read_collection(small.manifest()), group, pool),
                  ElementsAre(EndsWith("a.idx is missing"), EndsWith("b.bin has 2 bytes, not 1400"),
                              EndsWith("c.bin has the right size but other bytes")));
    });
  }
}

TEST_F(VerifyCollection, TakesCollectionsThatMoveAsAWhole) {
  const Path moved = small.folder / "moved";
  std::filesystem::create_directory(moved);
  std::filesystem::rename(small.folder / "data", moved / "data");
  std::filesystem::rename(small.manifest(), moved / "collection.json");
  EXPECT_THAT(verify(moved / "collection.json"), IsEmpty());
}

TEST_F(VerifyCollection, FindsCountsThatAManifestInvented) {
  Collection collection = read_collection(small.manifest());
  collection.files[1].packed[0].bins[0] += 1;
  CollectionFile& a = collection.files[0];
  a.sequences = 1;  // 12 bytes each; a document is 8
  a.documents = 6;
  write_collection(small.manifest(), collection);
  EXPECT_THAT(
      verify(small.manifest()),
      ElementsAre(
          EndsWith("data/a has 8 tokens (u16) in 3 sequences and 3 documents, not as the manifest says"),
          EndsWith("data/b packs into other bins than the manifest says, at 4 tokens and 1 windows")));
}

}  // namespace
}  // namespace aurora::dataset
