#include <gtest/gtest.h>

#include <filesystem>

#include "aurora/base/error.h"
#include "aurora/evaluate/compressors.h"
#include "aurora/evaluate/held_out.h"

namespace aurora::evaluate {
namespace {

TEST(Windows, OneWindowWhereTheDocumentFits) {
  const auto all = windows(10, 16);
  ASSERT_EQ(all.size(), 1u);
  EXPECT_EQ(all[0].begin, 0);
  EXPECT_EQ(all[0].first, 0);
  EXPECT_EQ(all[0].end, 10);
}

TEST(Windows, CountEveryTokenOnceAndNeverReadMoreThanTheModelsLength) {
  for (int64_t tokens : {1, 15, 16, 17, 23, 24, 25, 100, 1000}) {
    int64_t next = 0;
    for (const Window& window : windows(tokens, 16)) {
      EXPECT_EQ(window.first, next);
      EXPECT_GT(window.end, window.first);
      EXPECT_LE(window.end - window.begin, 16);
      // After the first window at least half of the length is context.
      if (window.first > 0) {
        EXPECT_GE(window.first - window.begin, 8);
      }
      next = window.end;
    }
    EXPECT_EQ(next, tokens);
  }
}

TEST(Windows, NoTokensNoWindow) {
  EXPECT_TRUE(windows(0, 16).empty());
}

TEST(Compressors, AgreeThatRepetitionIsSmall) {
  const CompressedSizes sizes = compressed_sizes(std::string(100000, 'a'));
  EXPECT_LT(sizes.gzip, 400u);
  EXPECT_LT(sizes.xz, 400u);
  EXPECT_LT(sizes.zstd, 400u);
  EXPECT_GT(sizes.gzip, 20u);
}

TEST(Results, SurviveTheirFile) {
  Results results;
  results.step = 7;
  results.weights_hash = "abc";
  results.rows.push_back({"language", "ja", 2, 3000, 900, 1234.5, 1500, 1400, 1450});
  results.samples.push_back({"光は", "速い\n\"quoted\""});
  const Path file = std::filesystem::temp_directory_path() / "aurora_evaluate_test" / "results.json";
  write_results(file, results);
  const Results read = read_results(file);
  ASSERT_EQ(read.rows.size(), 1u);
  EXPECT_EQ(read.rows[0].name, "ja");
  EXPECT_DOUBLE_EQ(read.rows[0].nll_nats, 1234.5);
  EXPECT_EQ(read.rows[0].zstd_bytes, 1450);
  EXPECT_EQ(read.samples[0].text, "速い\n\"quoted\"");
  std::filesystem::remove_all(file.parent_path());
}

TEST(Results, BitsPerByteAndPerplexityByHand) {
  // 8 bytes, 4 tokens, each token at probability 1/4: 2 bits a token, 1 bit a byte.
  const HeldOutRow row{"language", "en", 1, 8, 4, 4 * 1.3862943611198906, 0, 0, 0};
  EXPECT_NEAR(row.bits_per_byte(), 1.0, 1e-12);
  EXPECT_NEAR(row.perplexity(), 4.0, 1e-9);
}

TEST(Results, MalformedFileIsNamed) {
  const Path file = std::filesystem::temp_directory_path() / "aurora_evaluate_bad.json";
  write_file_atomic(file, "{\"step\": 1}");
  EXPECT_THROW(read_results(file), Error);
  std::filesystem::remove(file);
}

}  // namespace
}  // namespace aurora::evaluate
