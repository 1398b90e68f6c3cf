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

TEST(TokenFilesTest, ADamagedFileIsOpenedAnewOnceForAll) {
  TestFolder folder;
  const TokenFileSource source = source_of("text", write_documents(folder / "a", {3, 4}), 1);
  const TokenFiles files({source});
  const format::TokenFile& first = files.open(0);
  const format::TokenFile& second = files.reopen(0, first);
  EXPECT_NE(&first, &second);
  EXPECT_EQ(&files.reopen(0, first), &second) << "someone else did it already";
  EXPECT_EQ(&files.open(0), &second);
  EXPECT_EQ(first.tokens(), 7u);  // still good
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
