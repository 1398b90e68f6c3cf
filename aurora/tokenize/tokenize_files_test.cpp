#include "aurora/tokenize/tokenize_files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "aurora/base/error.h"
#include "aurora/base/stream.h"
#include "aurora/tokenize/tokenize_testing.h"

namespace aurora::tokenize {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr int32_t kEnd = 256;

class TokenizeFiles : public testing::Test {
 protected:
  FilesSummary run(const std::vector<Path>& inputs, FilesSettings settings = {}, int ranks = 1,
                   int threads = 1) {
    settings.cuts = kSmallCuts;
    FilesSummary summary;
    on_ranks(ranks, threads, [&](const Workers& workers) {
      const FilesSummary its = tokenize_files(inputs, byte_tokenizer(), prefix(), settings, workers);
      if (workers.group.rank() == 0) summary = its;
    });
    return summary;
  }
  Path write(const std::string& name, const std::string& bytes) {
    Writer writer(folder_ / name);
    writer.write(bytes);
    writer.commit();
    return folder_ / name;
  }
  Path prefix() const { return folder_.path() / "out" / "tokens"; }
  std::string text(uint64_t document) const {  // without its end token
    std::vector<int32_t> ids = format::TokenFile(prefix()).document(document);
    if (!ids.empty() && ids.back() == kEnd) ids.pop_back();
    return {ids.begin(), ids.end()};
  }
  std::vector<std::string> texts() const {
    std::vector<std::string> all;
    for (uint64_t i = 0; i < format::TokenFile(prefix()).documents(); ++i) all.push_back(text(i));
    return all;
  }
  std::string rejected() const { return read_file(prefix().string() + ".rejected.tsv"); }

  TestFolder folder_;
};

TEST_F(TokenizeFiles, EveryLineIsADocumentAndEnds) {
  const Path path = write("a.jsonl", "{\"text\":\"ab\"}\n{\"url\":\"x\",\"text\":\"\\u00e9\"}\n");
  const FilesSummary summary = run({path});
  EXPECT_EQ(summary.counts.documents, 2u);
  EXPECT_EQ(summary.counts.bytes, 4u);
  EXPECT_EQ(summary.counts.tokens, 6u);
  EXPECT_EQ(summary.type, format::TokenType::kU16);
  const format::TokenFile file(prefix());
  EXPECT_THAT(file.document(0), ElementsAre('a', 'b', kEnd));
  EXPECT_THAT(file.document(1), ElementsAre(0xc3, 0xa9, kEnd));
  EXPECT_FALSE(std::filesystem::exists(prefix().string() + ".rejected.tsv"));
  EXPECT_FALSE(std::filesystem::exists(prefix().string() + ".working"));
}

TEST_F(TokenizeFiles, WithoutEndTokensAnEmptyTextIsAnEmptyDocument) {
  const Path path = write("a.jsonl", "{\"body\":\"ab\"}\n{\"body\":\"\"}\n{\"body\":\"c\"}\n");
  run({path}, {.text_key = "body", .append_eod = false});
  const format::TokenFile file(prefix());
  EXPECT_THAT(file.document(0), ElementsAre('a', 'b'));
  EXPECT_THAT(file.document(1), ElementsAre());
  EXPECT_THAT(file.document(2), ElementsAre('c'));
}

TEST_F(TokenizeFiles, ReadsWhatIsCompressedAndFoldersInOrder) {
  write("in/b.jsonl.gz", "{\"text\":\"3\"}\n");
  write("in/a/x.jsonl.zst", "{\"text\":\"1\"}\n{\"text\":\"2\"}");  // the last line has no newline
  write("in/notes.txt", "no lines of JSON");
  const Path last = write("last.data", "\xef\xbb\xbf{\"text\":\"4\"}\r\n\r\n \n{\"text\":\"5\"}\r\n");
  run({folder_ / "in", last});
  EXPECT_THAT(texts(), ElementsAre("1", "2", "3", "4", "5"));
}

TEST_F(TokenizeFiles, BadLinesAreToldAndDoNotStopTheRun) {
  const std::string long_line = "{\"text\":\"" + std::string(3000, 'x') + "\"}\n";
  const Path path = write("a.jsonl", "{\"text\":\"1\"}\nnonsense\n{\"text\":5}\n{\"body\":\"x\"}\n[1]\n" +
                                         long_line + "{\"text\":\"\xff\"}\n{\"text\":\"2\"}\n");
  const FilesSummary summary = run({path});
  EXPECT_THAT(texts(), ElementsAre("1", "2"));
  EXPECT_EQ(summary.rejected, 6u);
  const std::string name = path.string();
  EXPECT_THAT(rejected(), HasSubstr(name + ":2\tnot a line of JSON"));
  EXPECT_THAT(rejected(), HasSubstr(name + ":3\t\"text\" is no text\n"));
  EXPECT_THAT(rejected(), HasSubstr(name + ":4\tno \"text\" in it\n"));
  EXPECT_THAT(rejected(), HasSubstr(name + ":5\t"));
  EXPECT_THAT(rejected(), HasSubstr(name + ":6\ta line longer than 2000 bytes\n"));
  EXPECT_THAT(rejected(), HasSubstr(name + ":7\t"));
}

TEST_F(TokenizeFiles, DamageCostsTheRestOfItsFile) {
  std::string lines;
  for (int i = 0; i < 300; ++i) lines += "{\"text\":\"" + std::to_string(i * 7919) + "\"}\n";
  const Path cut = write("a.jsonl.gz", lines);
  std::string bytes = read_file(cut);
  write_file_atomic(cut, bytes.substr(0, bytes.size() / 2));
  const Path next = write("b.jsonl", "{\"text\":\"whole\"}\n");
  const FilesSummary summary = run({cut, next});
  EXPECT_EQ(summary.rejected, 1u);
  EXPECT_THAT(rejected(), HasSubstr(cut.string() + "@"));
  EXPECT_GT(summary.counts.documents, 100u);
  EXPECT_LT(summary.counts.documents, 300u);
  EXPECT_EQ(text(99), std::to_string(99 * 7919));
  EXPECT_EQ(text(summary.counts.documents - 1), "whole");
}

TEST_F(TokenizeFiles, BytesDoNotDependOnRanksAndThreadsAndCrashes) {
  std::string lines;
  for (int i = 0; i < 200; ++i)
    lines += i % 50 == 7 ? "bad\n" : "{\"text\":\"line " + std::string(static_cast<size_t>(i), 'x') + "\"}\n";
  const std::vector<Path> inputs = {write("a.jsonl.zst", lines), write("b.jsonl", lines),
                                    write("c.jsonl", "")};
  const FilesSummary summary = run(inputs);
  EXPECT_EQ(summary.counts.documents, 392u);
  EXPECT_EQ(summary.rejected, 8u);
  const auto wanted = contents(folder_ / "out");
  EXPECT_EQ(wanted.size(), 3u);
  for (const int ranks : {1, 2, 3, 5}) {
    std::filesystem::remove_all(folder_ / "out");
    run(inputs, {}, ranks, 3);
    EXPECT_EQ(contents(folder_ / "out"), wanted) << ranks << " ranks";
  }
  std::filesystem::remove_all(folder_ / "out");
  EXPECT_TRUE(killed_at(40, [&] { run(inputs); }));
  EXPECT_GT(run(inputs, {}, 2, 2).units_kept, 5u);
  EXPECT_EQ(contents(folder_ / "out"), wanted);
}

TEST_F(TokenizeFiles, AnOldPairStandsUntilTheNewOneIsWhole) {
  run({write("a.jsonl", "{\"text\":\"old\"}\n")});
  const auto old = contents(folder_ / "out");
  const Path other = write("b.jsonl", "{\"text\":\"new\"}\n");
  EXPECT_TRUE(killed_at(5, [&] { run({other}); }));
  EXPECT_EQ(text(0), "old");
  run({other});
  EXPECT_EQ(text(0), "new");
}

TEST_F(TokenizeFiles, InputsThatAreNotThereAreErrors) {
  EXPECT_THROW(run({folder_ / "missing.jsonl"}), Error);
  std::filesystem::create_directories(folder_ / "empty");
  EXPECT_THROW(run({folder_ / "empty"}), Error);
  EXPECT_THROW(run({}), UsageError);
}

}  // namespace
}  // namespace aurora::tokenize
