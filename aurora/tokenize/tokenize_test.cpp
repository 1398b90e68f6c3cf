#include "aurora/tokenize/tokenize.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "aurora/base/error.h"
#include "aurora/format/token_file.h"
#include "aurora/tokenize/sample.h"
#include "aurora/tokenize/tokenize_testing.h"
#include "aurora/tokenizer/trained_spec.h"

namespace aurora::tokenize {
namespace {

using ::testing::ElementsAre;

std::vector<DocumentInfo> made_up(size_t count) {
  std::vector<DocumentInfo> documents;
  for (size_t i = 0; i < count; ++i) {
    documents.push_back({"id" + std::to_string(i), i % 3 == 0 ? "a" : "b", i % 10 == 0 ? "ja" : "en", 1000});
  }
  return documents;
}

uint64_t bytes_where(const std::vector<DocumentInfo>& documents, const std::vector<bool>& flags,
                     const std::string& language) {
  uint64_t bytes = 0;
  for (size_t i = 0; i < documents.size(); ++i) {
    if (flags[i] && documents[i].language == language) bytes += documents[i].bytes;
  }
  return bytes;
}

TEST(HeldOut, TakesAboutTheShare) {
  const std::vector<bool> flags = choose_held_out(made_up(10'000), {1, 0.02, 0, {}});
  const auto taken = std::count(flags.begin(), flags.end(), true);
  EXPECT_GT(taken, 140);
  EXPECT_LT(taken, 260);
}

TEST(HeldOut, NamedLanguagesReachTheirBytes) {
  const std::vector<DocumentInfo> documents = made_up(1000);
  const std::vector<bool> flags = choose_held_out(documents, {1, 0.0, 20'000, {"en", "ja"}});
  EXPECT_EQ(bytes_where(documents, flags, "en"), 20'000u);
  EXPECT_EQ(bytes_where(documents, flags, "ja"), 20'000u);
}

TEST(HeldOut, NeverMoreThanHalfOfALanguage) {
  const std::vector<DocumentInfo> documents = made_up(100);  // 10 documents in Japanese
  const std::vector<bool> flags = choose_held_out(documents, {1, 0.0, 80'000, {"ja"}});
  EXPECT_LE(bytes_where(documents, flags, "ja"), 5000u);
  EXPECT_GT(bytes_where(documents, flags, "ja"), 0u);
}

TEST(HeldOut, EveryCorpusOfTwoOrMoreIsMeasured) {
  std::vector<DocumentInfo> documents = {{"x", "a", "en", 10}, {"y", "a", "en", 10}, {"z", "b", "en", 10}};
  const std::vector<bool> flags = choose_held_out(documents, {1, 0.0, 0, {}});
  EXPECT_EQ(flags[0] + flags[1], 1);
  EXPECT_FALSE(flags[2]);  // the only one of its corpus is trained on
}

TEST(HeldOut, ADocumentsFateIsItsOwn) {
  std::vector<DocumentInfo> documents = made_up(500);
  const HeldOutRule rule{1, 0.1, 0, {}};
  const std::vector<bool> flags = choose_held_out(documents, rule);
  std::vector<DocumentInfo> reversed(documents.rbegin(), documents.rend());
  std::vector<bool> again = choose_held_out(reversed, rule);
  std::reverse(again.begin(), again.end());
  EXPECT_EQ(again, flags);
  documents.resize(400);
  const std::vector<bool> fewer = choose_held_out(documents, rule);
  EXPECT_TRUE(std::equal(fewer.begin(), fewer.end(), flags.begin()));
  EXPECT_NE(choose_held_out(made_up(500), {2, 0.1, 0, {}}), flags);
}

TEST(Sample, SharesBytesByWeightAndHandsOnWhatIsLeftOver) {
  std::vector<DocumentInfo> documents;
  for (int i = 0; i < 100; ++i) documents.push_back({"a" + std::to_string(i), "a", "en", 100});
  for (int i = 0; i < 100; ++i) documents.push_back({"b" + std::to_string(i), "b", "en", 100});
  for (int i = 0; i < 5; ++i) documents.push_back({"c" + std::to_string(i), "c", "en", 100});
  documents.push_back({"d", "d", "en", 100});
  SampleSettings settings;
  settings.held_out = {1, 0.0, 0, {}};
  settings.train_bytes = 6000;
  settings.weights = {{"a", 3.0}, {"b", 1.0}, {"c", 4.0}};
  const std::vector<bool> flags = choose_sample(documents, settings);
  std::map<std::string, uint64_t> bytes;
  for (size_t i = 0; i < documents.size(); ++i)
    bytes[documents[i].corpus] += flags[i] ? documents[i].bytes : 0;
  // c's share is 3000 and it has 400 (one is held out); a and b share the other 5600 as 3 to 1.
  EXPECT_EQ(bytes["c"], 400u);
  EXPECT_EQ(bytes["a"], 4200u);
  EXPECT_EQ(bytes["b"], 1400u);
  EXPECT_EQ(bytes["d"], 0u);  // not in the blend
}

class TokenizeTest : public ::testing::Test {
 protected:
  TokenizeTest() : documents_(write_documents(folder_ / "documents")) {}

  TokenizeSummary run(const Path& out) {
    TokenizeSummary summary;
    on_ranks(1, 2, [&](const Workers& workers) {
      summary = tokenize_documents(folder_ / "documents", byte_tokenizer(), {1, 0.2, 0, {}}, out, workers);
    });
    return summary;
  }

  TestFolder folder_;
  std::vector<format::Document> documents_;
};

TEST_F(TokenizeTest, EveryDocumentStandsInOneFileInOrderAndEnds) {
  const Path out = folder_ / "tokens";
  const TokenizeSummary summary = run(out);
  EXPECT_EQ(summary.training().documents + summary.held_out().documents, 40u);
  EXPECT_GT(summary.held_out().documents, 1u);
  const tokenizer::Tokenizer tokenizer = tokenizer::Tokenizer::load(out);

  std::set<std::string> held_out;
  format::DocumentReader reader(out, "heldout");
  for (format::Document document; reader.next(document);) held_out.insert(document.id);
  EXPECT_EQ(held_out.size(), summary.held_out().documents);

  std::map<Path, uint64_t> next;
  for (const format::Document& document : documents_) {
    const bool apart = held_out.count(document.id);
    const Path prefix = apart ? held_out_prefix(out, document.corpus) : training_prefix(out, document.corpus);
    const uint64_t i = next[prefix]++;
    const std::vector<int32_t> ids = format::TokenFile(prefix).document(i);
    EXPECT_EQ(ids.back(), tokenizer.end_of_document());
    EXPECT_EQ(tokenizer.decode(std::span(ids).first(ids.size() - 1)), document.text);
    const TokenizedDocument row = read_tokenized_documents(prefix).at(i);
    EXPECT_EQ(row.id, document.id);
    EXPECT_EQ(row.language, document.language);
    EXPECT_EQ(row.bytes, document.text.size());
    EXPECT_EQ(row.tokens, ids.size());
  }
}

TEST_F(TokenizeTest, AnEarlierRunLeavesNothingBehind) {
  const Path out = folder_ / "tokens";
  write_file_atomic(out / "gone.bin", "x");
  write_file_atomic(out / "gone.idx", "x");
  write_file_atomic(out / "manifest.json", "x");
  write_file_atomic(out / "notes.txt", "kept: not ours");
  run(out);
  EXPECT_FALSE(std::filesystem::exists(out / "gone.bin"));
  EXPECT_FALSE(std::filesystem::exists(out / "manifest.json"));
  EXPECT_TRUE(std::filesystem::exists(out / "notes.txt"));
}

TEST_F(TokenizeTest, TheSummaryComesBackFromNotes) {
  const TokenizeSummary summary = run(folder_ / "tokens");
  ASSERT_EQ(summary.parts.size(), 3u);  // even/en, even/ja, odd/en
  EXPECT_EQ(summary.parts[1].corpus, "even");
  EXPECT_EQ(summary.parts[1].language, "ja");
  format::Notes notes = summary_notes(summary);
  notes.emplace_back("something", "else");
  EXPECT_EQ(summary_notes(summary_of_notes(notes)), summary_notes(summary));
  EXPECT_EQ(summary_of_notes(notes).training().tokens, summary.training().tokens);
  EXPECT_THROW(summary_of_notes({{"tokenized a en", "1 2"}}), Error);
}

TEST_F(TokenizeTest, ADamagedTableIsAnError) {
  run(folder_ / "tokens");
  const Path prefix = training_prefix(folder_ / "tokens", "odd");
  EXPECT_FALSE(read_tokenized_documents(prefix).empty());
  write_file_atomic(prefix.string() + ".documents.tsv.zst", "id\tlanguage\tbytes\ttokens\nx\ten\t7\n");
  EXPECT_THROW(read_tokenized_documents(prefix), Error);
}

}  // namespace
}  // namespace aurora::tokenize
