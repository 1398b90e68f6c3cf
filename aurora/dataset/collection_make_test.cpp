#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "aurora/base/error.h"
#include "aurora/base/hash.h"
#include "aurora/comm/thread_ranks.h"
#include "aurora/dataset/collection_json.h"
#include "aurora/dataset/collection_testing.h"

namespace aurora::dataset {
namespace {

std::string happened(const std::function<void()>& action) {
  try {
    action();
  } catch (const Error& error) {
    return error.happened() + " | " + Path(error.where()).filename().string();
  }
  return "nothing";
}

TEST(MakeCollection, FindsWhatTheFilesHold) {
  SmallCollection small;
  const Collection collection = make_from(small.list(), {.licence = "CC0-1.0",
                                                         .tokenizer = "feed",
                                                         .corpus_licences = {"w=MIT OR a=b"},
                                                         .pack_sequence_length = 0,
                                                         .pack_block_windows = 0});
  ASSERT_EQ(collection.files.size(), 3u);
  EXPECT_EQ(collection.tokens(), 711u);
  const CollectionFile& a = collection.files[0];
  EXPECT_EQ(a.prefix, "data/a");
  EXPECT_EQ(collection.place(a), small.folder / "data/a");
  EXPECT_EQ(a.corpus, "m");
  EXPECT_EQ(a.licence, "CC0-1.0");
  EXPECT_EQ(a.tokenizer, "feed");
  EXPECT_EQ(a.weight, 0.5);
  EXPECT_EQ(a.type, format::TokenType::kU16);
  EXPECT_EQ(a.tokens, 8u);
  EXPECT_EQ(a.sequences, 3u);
  EXPECT_EQ(a.documents, 3u);
  EXPECT_EQ(a.bin_bytes, 16u);
  EXPECT_EQ(a.idx_bytes, 34u + 3 * 12 + 4 * 8);
  EXPECT_EQ(a.bin_hash, hash_file(small.folder / "data/a.bin").hex());
  EXPECT_EQ(a.idx_hash, hash_file(small.folder / "data/a.idx").hex());
  EXPECT_TRUE(a.packed.empty());
  EXPECT_EQ(collection.files[1].licence, "MIT OR a=b");
}

TEST(MakeCollection, GivesTheSameBytesOnAnyNumberOfRanksAndThreads) {
  SmallCollection small;
  std::string list;
  for (int i = 0; i < 20; ++i) {
    write_pair(small.folder / ("data/n" + std::to_string(i)), {i, 1000 * (i % 3), 7}, i);
    list += "0.1 data/n" + std::to_string(i) + " corpus" + std::to_string(i % 4) + "\n";
  }
  list += "0.1 data/n3 again\n";
  write_old_file(small.list(), list);
  const CollectionSettings settings{.licence = "MIT",
                                    .tokenizer = "",
                                    .corpus_licences = {},
                                    .pack_sequence_length = 64,
                                    .pack_block_windows = 2};
  const std::string expected = print_collection(make_from(small.list(), settings));
  for (const int ranks : {1, 2, 3}) {
    for (const int threads : {1, 2}) {
      comm::run_threads(ranks, [&](comm::Group& group) {
        Pool pool(threads);
        const Collection made = make_from(small.list(), settings, {}, group, pool);
        EXPECT_EQ(print_collection(made), expected) << ranks << " ranks, " << threads << " threads";
        EXPECT_EQ(made.reading.files_read, 20u);
      });
    }
  }
}

TEST(MakeCollection, ReadsAFileThatIsListedTwiceOnce) {
  SmallCollection small;
  write_old_file(small.list(), "1 data/a m\n2 data/a n\n");
  const Collection collection = make_from(small.list());
  EXPECT_EQ(collection.reading.files_read, 1u);
  ASSERT_EQ(collection.files.size(), 2u);
  EXPECT_EQ(collection.files[0].identity(), collection.files[1].identity());
  EXPECT_EQ(collection.files[1].corpus, "n");
  EXPECT_EQ(collection.files[1].weight, 2);
}

TEST(MakeCollection, KeepsIdentityWhereverFilesLieAndHoweverTheyAreNamedOrListed) {
  SmallCollection small;
  const Collection before = make_from(small.list());
  std::filesystem::create_directories(small.folder / "elsewhere");
  for (const char* ending : {".bin", ".idx"}) {
    std::filesystem::rename(small.folder / (std::string("data/b") + ending),
                            small.folder / (std::string("elsewhere/x") + ending));
  }
  write_old_file(small.folder / "elsewhere/list",
                 "0.1 " + (small.folder / "elsewhere/x").string() + " w\n7 ../data/c m\n8 ../data/a m\n");
  const Collection after = make_from(small.folder / "elsewhere/list");
  EXPECT_EQ(after.identity(), before.identity());
  EXPECT_EQ(after.files[0].identity(), before.files[1].identity());
}

TEST(MakeCollection, ChangesIdentityWithCorpusLicenceAndTokenizer) {
  SmallCollection small;
  const std::string plain = make_from(small.list()).identity();
  CollectionSettings settings;
  settings.licence = "MIT";
  EXPECT_NE(make_from(small.list(), settings).identity(), plain);
  settings = {};
  settings.tokenizer = "MIT";
  EXPECT_NE(make_from(small.list(), settings).identity(), plain);
  write_old_file(small.list(), "0.5 data/a m\n0.25 data/b m\n0.25 data/c m\n");
  EXPECT_NE(make_from(small.list()).identity(), plain);
}

TEST(MakeCollection, NoticesOneFlippedByte) {
  SmallCollection small;
  const Collection before = make_from(small.list());
  const Path bin = small.folder / "data/b.bin";
  write_old_file(bin, flipped_byte(read_file(bin), 1000));
  const Collection after = make_from(small.list());
  EXPECT_NE(after.identity(), before.identity());
  EXPECT_NE(after.files[1].identity(), before.files[1].identity());
  EXPECT_EQ(after.files[2].identity(), before.files[2].identity());
}

TEST(MakeCollection, NoticesAnIndexThatCutsTheSameTokensOtherwise) {
  SmallCollection small;
  const Collection before = make_from(small.list());
  write_pair(small.folder / "data/c", {2, 1}, 20);
  const Collection after = make_from(small.list());
  EXPECT_EQ(after.files[2].bin_hash, before.files[2].bin_hash);
  EXPECT_NE(after.files[2].identity(), before.files[2].identity());
  EXPECT_NE(after.identity(), before.identity());
}

// --- incremental -----------------------------------------------------------------------------------------

TEST(MakeCollection, ReadsOnlyWhatChanged) {
  SmallCollection small;
  const Collection first = make_from(small.list(), {}, small.manifest());
  EXPECT_EQ(first.reading.files_read, 3u);
  write_collection(small.manifest(), first);
  const std::string bytes = read_file(small.manifest());

  const Collection second = make_from(small.list(), {}, small.manifest());
  EXPECT_EQ(second.reading.files_read, 0u);
  EXPECT_EQ(second.reading.bytes_read, 0u);
  write_collection(small.manifest(), second);
  EXPECT_EQ(read_file(small.manifest()), bytes);

  write_pair(small.folder / "data/c", {1, 2}, 21);  // same sizes, same time, other bytes
  const Collection third = make_from(small.list(), {}, small.manifest());
  EXPECT_EQ(third.reading.files_read, 1u);
  EXPECT_NE(third.files[2].identity(), first.files[2].identity());
  EXPECT_EQ(print_collection(third), print_collection(make_from(small.list())));
}

TEST(MakeCollection, NoticesAByteChangedInPlaceUnderItsOldTime) {
  SmallCollection small;
  write_collection(small.manifest(), make_from(small.list()));
  const Path bin = small.folder / "data/b.bin";
  const auto time = std::filesystem::last_write_time(bin);
  FILE* file = std::fopen(bin.c_str(), "r+b");
  std::fputc(77, file);
  std::fclose(file);
  std::filesystem::last_write_time(bin, time);
  EXPECT_EQ(make_from(small.list(), {}, small.manifest()).reading.files_read, 1u);
}

TEST(MakeCollection, ReadsAgainWhatWasWrittenJustNow) {
  SmallCollection small;
  const Path bin = small.folder / "data/b.bin";
  std::filesystem::last_write_time(bin, std::filesystem::file_time_type::clock::now());
  write_collection(small.manifest(), make_from(small.list()));
  EXPECT_EQ(make_from(small.list(), {}, small.manifest()).reading.files_read, 1u);
}

TEST(MakeCollection, TakesListAndSettingsOfTodayForFilesKnown) {
  SmallCollection small;
  write_collection(small.manifest(), make_from(small.list()));
  write_old_file(small.list(), "3 data/c other\n");
  const Collection made = make_from(small.list(),
                                    {.licence = "MIT",
                                     .tokenizer = "t",
                                     .corpus_licences = {},
                                     .pack_sequence_length = 2,
                                     .pack_block_windows = 1},
                                    small.manifest());
  EXPECT_EQ(made.reading.files_read, 0u);  // the .idx alone, for the bins
  EXPECT_EQ(made.reading.bytes_read, made.files[0].idx_bytes);
  ASSERT_EQ(made.files[0].packed.size(), 1u);
  EXPECT_EQ(made.files[0].packed[0].bins, (std::vector<uint32_t>{2, 0}));  // both begin in block 0
  EXPECT_EQ(made.files[0].corpus, "other");
  EXPECT_EQ(made.files[0].licence, "MIT");
  EXPECT_EQ(made.files[0].tokenizer, "t");
  EXPECT_EQ(made.files[0].weight, 3);

  write_collection(small.manifest(), made);
  const Collection again = make_from(small.list(), {}, small.manifest());
  EXPECT_EQ(again.reading.bytes_read, 0u);
  EXPECT_TRUE(again.files[0].packed.empty());  // nobody asked
}

TEST(MakeCollection, ReadsAllWhenStampsAreOfOtherBytesOrManifestIsDamaged) {
  SmallCollection small;
  const Collection first = make_from(small.list());
  write_collection(small.manifest(), first);
  const Path stamps = stamps_path(small.manifest());
  const std::string good = read_file(stamps);
  write_old_file(stamps, flipped_byte(good, 30));
  EXPECT_EQ(make_from(small.list(), {}, small.manifest()).reading.files_read, 3u);
  write_old_file(stamps, good);
  write_old_file(small.manifest(), "{");
  EXPECT_EQ(make_from(small.list(), {}, small.manifest()).reading.files_read, 3u);
  EXPECT_EQ(make_from(small.list(), {}, small.folder / "missing").reading.files_read, 3u);
}

TEST(MakeCollection, KnowsFilesFromAListAndAManifestInOtherFolders) {
  SmallCollection small;
  const Path other = small.folder / "out/deep/collection.json";
  write_collection(other, make_from(small.list()));
  EXPECT_EQ(read_collection(other).files[0].prefix, "../../data/a");
  std::filesystem::create_directory_symlink(small.folder.path(), small.folder / "link");
  EXPECT_EQ(make_from(small.folder / "link/list", {}, other).reading.files_read, 0u);
}

// --- errors ----------------------------------------------------------------------------------------------

TEST(MakeCollection, TellsTheFirstBadFileInListOrderOnAllRanks) {
  SmallCollection small;
  write_pair(small.folder / "data/big", std::vector<int32_t>(50, 1000), 1);
  const Path bin = small.folder / "data/b.bin";
  write_old_file(bin, read_file(bin).substr(2));
  write_old_file(small.list(), "1 data/big m\n1 data/b w\n1 data/missing m\n1 data/a m\n");
  for (const int ranks : {1, 2, 3}) {
    comm::run_threads(ranks, [&](comm::Group& group) {
      Pool pool(2);
      EXPECT_EQ(happened([&] { make_from(small.list(), {}, {}, group, pool); }),
                "1398 bytes, but its index describes 1400 | b.bin");
    });
  }
  write_old_file(small.list(), "1 data/a m\n1 data/missing m\n1 data/b w\n");
  EXPECT_THAT(happened([&] { make_from(small.list()); }), testing::HasSubstr("missing.bin"));
}

TEST(MakeCollection, RefusesWhatIsNoRegularFile) {
  SmallCollection small;
  std::filesystem::create_directory(small.folder / "data/d.bin");
  write_old_file(small.list(), "1 data/d\n");
  EXPECT_EQ(happened([&] { make_from(small.list()); }), "not a regular file | d.bin");
}

TEST(MakeCollection, RefusesSettingsWithoutEffect) {
  SmallCollection small;
  CollectionSettings settings;
  settings.corpus_licences = {"x=MIT"};
  EXPECT_THROW(make_from(small.list(), settings), UsageError);
  settings.corpus_licences = {"m"};
  EXPECT_THROW(make_from(small.list(), settings), UsageError);
  settings.corpus_licences = {"m=MIT", "m=GPL"};
  EXPECT_THROW(make_from(small.list(), settings), UsageError);
  settings = {};
  settings.pack_sequence_length = 4;
  EXPECT_THROW(make_from(small.list(), settings), UsageError);
}

}  // namespace
}  // namespace aurora::dataset
