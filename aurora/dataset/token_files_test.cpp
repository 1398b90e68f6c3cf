#include "aurora/dataset/token_files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "aurora/base/error.h"
#include "aurora/dataset/test_files.h"

namespace aurora::dataset {
namespace {

TEST(TokenFilesTest, FilesAreOpenedWhenTheyAreAskedFor) {
  TestFolder folder;
  const TokenFileSource source = source_of("text", write_documents(folder / "a", {3, 4}), 1);
  const TokenFiles files({source, {"text", folder / "missing", 5, 1, 2}});
  EXPECT_EQ(files.size(), 2u);
  EXPECT_EQ(files.open(0).tokens(), 7u);
  EXPECT_EQ(&files.open(0), &files.open(0));
  EXPECT_EQ(files.source(1).corpus, "text");
  EXPECT_THROW(files.open(1), Error);
  write_documents(folder / "missing", {5});
  EXPECT_EQ(files.open(1).tokens(), 5u);  // it may come later
}

TEST(TokenFilesTest, AFileWithOtherCountsIsRefused) {
  TestFolder folder;
  write_documents(folder / "a", {3, 4});
  const TokenFiles files({{"text", folder / "a", 8, 2, 1}, {"text", folder / "a", 7, 3, 1}});
  for (size_t file : {0u, 1u}) {
    try {
      files.open(file);
      FAIL();
    } catch (const Error& error) {
      EXPECT_THAT(error.happened(), testing::HasSubstr("7 tokens in 2 documents"));
      EXPECT_THAT(error.where(), testing::HasSubstr("a.idx"));
    }
  }
}

TEST(TokenFilesTest, AReplacedFileIsOpenedAnewOnceForAll) {
  TestFolder folder;
  const TokenFiles files({source_of("text", write_documents(folder / "a", {3, 4}), 1)});
  const OpenTokenFile& first = files.opened(0);
  EXPECT_EQ(&files.reopen(0, first), &first) << "nobody touched it";
  write_documents(folder / "a", {2, 5});
  const OpenTokenFile& second = files.reopen(0, first);
  EXPECT_NE(&first, &second);
  EXPECT_EQ(&files.reopen(0, first), &second) << "someone else did it already";
  EXPECT_EQ(&files.opened(0), &second);
  EXPECT_EQ(first.file().document_begin(1), 3u);  // still good
  EXPECT_EQ(second.file().document_begin(1), 2u);
}

TEST(TokenFilesTest, AFileCutShortUnderAMappingIsAnErrorWherever) {
  TestFolder folder;
  write_documents(folder / "a", {20000});  // 40,000 bytes: pages end at 36,864 and 40,960
  for (bool map : {false, true}) {
    for (uint64_t cut : {20001u, 36864u, 39998u, 39999u}) {
      write_documents(folder / "a", {20000});
      const OpenTokenFile file(folder / "a", format::TokenCheck::kEnds, map);
      std::vector<uint16_t> tokens(20000);
      file.read_raw(0, tokens.size(), tokens.data());
      EXPECT_EQ(tokens[19999], 19999);
      std::filesystem::resize_file(folder / "a.bin", cut);
      try {
        file.read_raw(5, 19995, tokens.data());
        ADD_FAILURE() << cut;
      } catch (const Error& error) {
        EXPECT_THAT(error.where(), testing::HasSubstr("a.bin@" + std::to_string(cut)));
      }
      file.read_raw(0, cut / 2, tokens.data());  // what is left
      EXPECT_EQ(tokens[9999], 9999);
    }
  }
}

TEST(TokenFilesTest, ZerosAtTheEndOfARangeAreZeros) {
  TestFolder folder;
  format::TokenFileWriter writer(folder / "a", 100);
  writer.append(std::vector<int32_t>{1, 2, 0, 0});
  writer.commit();
  const OpenTokenFile file(folder / "a", format::TokenCheck::kEnds, true);
  std::vector<uint16_t> tokens(4);
  file.read_raw(0, 4, tokens.data());
  EXPECT_THAT(tokens, testing::ElementsAre(1, 2, 0, 0));
}

TEST(TokenFilesTest, ThreadsShareOneFile) {
  TestFolder folder;
  const TokenFiles files({source_of("text", write_documents(folder / "a", {3, 4}), 1)});
  std::vector<const format::TokenFile*> seen(4);
  std::vector<std::thread> threads;
  for (size_t t = 0; t < seen.size(); ++t) threads.emplace_back([&, t] { seen[t] = &files.open(0); });
  for (std::thread& thread : threads) thread.join();
  EXPECT_THAT(seen, testing::Each(seen[0]));
}

}  // namespace
}  // namespace aurora::dataset
