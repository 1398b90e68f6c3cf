// The pass from documents to token files: the same bytes whatever the ranks, threads, cuts and crashes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "aurora/base/error.h"
#include "aurora/tokenize/tokenize_testing.h"

namespace aurora::tokenize {
namespace {

TEST_F(OnePass, BytesDoNotDependOnRanksThreadsAndCuts) {
  const TokenizeSummary summary = run(folder_ / "one", 1, 1, {});
  const auto wanted = contents(folder_ / "one");
  EXPECT_EQ(wanted.size(), 2u * 2 * 3 + 2);
  EXPECT_EQ(summary.units, 1u);
  for (const int ranks : {1, 2, 3, 5, 20}) {
    for (const int threads : {1, 3}) {
      const Path out = folder_ / ("out" + std::to_string(ranks) + "-" + std::to_string(threads));
      const TokenizeSummary its = run(out, ranks, threads);
      EXPECT_EQ(contents(out), wanted) << ranks << " ranks, " << threads << " threads";
      EXPECT_EQ(summary_notes(its), summary_notes(summary));
      EXPECT_GT(its.units, 5u);
    }
  }
}

TEST_F(OnePass, RanksShareOneLargeFile) {
  std::filesystem::remove_all(folder_ / "documents");
  format::DocumentWriter writer(folder_ / "documents", "part", 1 << 30);
  for (const format::Document& document : documents_) writer.add(document);
  writer.finish();
  run(folder_ / "one");
  const TokenizeSummary summary = run(folder_ / "three", 3, 2);
  EXPECT_GT(summary.units, 5u);
  EXPECT_EQ(contents(folder_ / "three"), contents(folder_ / "one"));
}

TEST_F(OnePass, TheHeldOutAreThoseOfTheRule) {
  run(folder_ / "out", 2);
  std::vector<DocumentInfo> infos;
  for (const format::Document& document : documents_)
    infos.push_back({document.id, document.corpus, document.language, document.text.size()});
  const std::vector<bool> flags = choose_held_out(infos, small_rule());
  std::vector<format::Document> wanted;
  for (size_t i = 0; i < flags.size(); ++i) {
    if (flags[i]) wanted.push_back(documents_[i]);
  }
  std::vector<format::Document> found;
  format::DocumentReader reader(folder_ / "out", "heldout");
  for (format::Document document; reader.next(document);) found.push_back(document);
  EXPECT_EQ(found, wanted);
  EXPECT_NE(flags, choose_held_out(infos, {1, 0.1, 0, {}}));  // the second rule had its say
}

TEST_F(OnePass, KilledAndAgainAtResumeEndsInTheSameBytes) {
  kill_at_points(5);  // all of them: one_pass_slow_test.cpp
}

TEST_F(OnePass, WhatWasCommittedIsNotMadeAgain) {
  const Path out = folder_ / "out";
  cut_off_after(out, 4);
  const std::vector<Path> left = units(out);
  const auto written = std::filesystem::last_write_time(left[2]);
  ASSERT_TRUE(killed_at(2, [&] { run(out); }));  // once it has begun with the next
  EXPECT_EQ(std::filesystem::last_write_time(left[2]), written);
  const TokenizeSummary summary = run(out, 3);
  EXPECT_GE(summary.units_kept, left.size());
  EXPECT_LT(summary.units_kept, summary.units);
}

TEST_F(OnePass, ADamagedUnitIsMadeAgain) {
  run(folder_ / "whole");
  for (const double place : {0.0, 0.3, 0.9, 0.999}) {
    TestFolder out;
    cut_off_after(out.path(), 3);
    const std::vector<Path> left = units(out.path());
    const auto size = static_cast<double>(std::filesystem::file_size(left[1]));
    flip_byte(left[1], static_cast<uint64_t>(place * size));
    const TokenizeSummary summary = run(out.path(), 2);
    EXPECT_EQ(summary.units_kept, left.size() - 1);
    EXPECT_EQ(contents(out.path()), contents(folder_ / "whole"));
  }
  TestFolder out;
  cut_off_after(out.path(), 3);
  write_file_atomic(units(out.path())[0], "");
  run(out.path());
  EXPECT_EQ(contents(out.path()), contents(folder_ / "whole"));
}

TEST_F(OnePass, UnitsOfAnotherTaskAreNotUsed) {
  run(folder_ / "whole");
  TestFolder out;
  cut_off_after(out.path(), 3);
  Cuts other = kSmallCuts;
  other.unit_bytes = 500;
  EXPECT_EQ(run(out.path(), 1, 1, other).units_kept, 0u);
  EXPECT_EQ(contents(out.path()), contents(folder_ / "whole"));

  cut_off_after(out.path(), 3);
  documents_[0].text += "!";  // another file of documents
  std::filesystem::remove_all(folder_ / "documents");
  format::DocumentWriter writer(folder_ / "documents", "part", 300);
  for (const format::Document& document : documents_) writer.add(document);
  writer.finish();
  EXPECT_EQ(run(out.path()).units_kept, 0u);
  EXPECT_NE(contents(out.path()), contents(folder_ / "whole"));
}

TEST_F(OnePass, ALineThatIsNoDocumentIsAnErrorOnEveryRank) {
  write_file_atomic(folder_ / "documents" / "part-00003.jsonl",
                    "{\"id\":\"1\",\"text\":\"a\"}\n{\"id\":\"2\"}\n");
  std::filesystem::remove(folder_ / "documents" / "part-00003.jsonl.zst");
  for (const int ranks : {1, 3}) {
    try {
      run(folder_ / "out", ranks, 2);
      FAIL() << "no error";
    } catch (const Error& error) {
      EXPECT_THAT(error.where(), testing::HasSubstr("part-00003.jsonl:2"));
      EXPECT_THAT(error.happened(), testing::HasSubstr("without \"text\""));
    }
  }
}

TEST_F(OnePass, NoDocumentsMakeNoCorpora) {
  std::filesystem::remove_all(folder_ / "documents");
  write_documents(folder_ / "documents", 0);
  const TokenizeSummary summary = run(folder_ / "out", 2);
  EXPECT_TRUE(summary.parts.empty());
  EXPECT_EQ(contents(folder_ / "out").size(), 2u);  // no held-out document, and the tokenizer
}

}  // namespace
}  // namespace aurora::tokenize
