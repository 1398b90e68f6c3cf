#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cmath>
#include <string>

#include "aurora/base/random.h"
#include "aurora/corpus/dedup_exact.h"
#include "aurora/corpus/dedup_minhash.h"

namespace aurora::corpus {
namespace {

Words words_of(std::string_view text, Segmentation segmentation = Segmentation::kUnicode) {
  Words words;
  segment(text, segmentation, words);
  return words;
}

// Words number first .. first+count-1 of an endless list of different ones.
std::string numbered_words(int first, int count) {
  std::string text;
  for (int i = first; i < first + count; ++i) text += fmt::format("w{} ", i);
  return text;
}

// Two texts that share `shared` words at the start and have `own` words each behind: with word n-grams,
// Jaccard = (shared - n + 1) / (shared - n + 1 + 2 own).
std::pair<std::string, std::string> pair_of(int shared, int own, int seed) {
  const int base = seed * 100'000;
  const std::string start = numbered_words(base, shared);
  return {start + numbered_words(base + 10'000, own), start + numbered_words(base + 20'000, own)};
}

double jaccard_estimate(const MinHasher& hasher, const std::pair<std::string, std::string>& texts) {
  const auto a = hasher.signature(texts.first, words_of(texts.first));
  const auto b = hasher.signature(texts.second, words_of(texts.second));
  int equal = 0;
  for (size_t i = 0; i < a.size(); ++i) equal += a[i] == b[i];
  return equal / static_cast<double>(a.size());
}

TEST(ExactDuplicates, WhiteSpaceDoesNotMatterAndNothingElse) {
  const Hash128 identity = text_identity("One two\n\nthree");
  EXPECT_EQ(text_identity(" One  two three\n"), identity);
  EXPECT_EQ(text_identity("One\xC2\xA0two\xE3\x80\x80three"), identity);
  EXPECT_NE(text_identity("One twothree"), identity);
  EXPECT_NE(text_identity("one two three"), identity);
}

TEST(ExactDuplicates, TheFirstIsRemembered) {
  FirstSeen seen;
  EXPECT_EQ(seen.first(text_identity("a"), 0), 0u);
  EXPECT_EQ(seen.first(text_identity("b"), 1), 1u);
  EXPECT_EQ(seen.first(text_identity("a"), 2), 0u);
}

TEST(MinHash, SignatureIsTheDefinition) {
  const MinHasher hasher({.ngram = 2, .bands = 3, .rows = 7});
  const Words words = words_of("alpha beta gamma");
  std::vector<uint32_t> expected(21, UINT32_MAX);
  for (int i = 0; i < 2; ++i) {
    const uint64_t hash = words.words[i].hash * 0xD1342543DE82EF95 + words.words[i + 1].hash;
    const auto shingle = static_cast<uint32_t>((hash * 0x9E3779B97F4A7C15) >> 32);
    for (uint64_t j = 0; j < 21; ++j) {
      const auto random = philox(j, RandomKey{0});
      expected[j] = std::min(expected[j], (shingle ^ random[0]) * (random[1] | 1));
    }
  }
  EXPECT_EQ(hasher.signature("", words), expected);
}

TEST(MinHash, EstimatesJaccardWithoutBias) {
  const MinHasher hasher({.ngram = 5, .bands = 14, .rows = 8});
  // (shared - 4) / (shared - 4 + 2 own)
  for (const auto& [shared, own, jaccard] :
       {std::tuple{84, 10, 0.8}, {54, 25, 0.5}, {24, 40, 0.2}, {404, 50, 0.8}}) {
    double sum = 0;
    constexpr int kPairs = 100;
    for (int seed = 0; seed < kPairs; ++seed) sum += jaccard_estimate(hasher, pair_of(shared, own, seed));
    // Standard error of 100 pairs x 112 hashes is at most 0.5 / sqrt(11200) = 0.005 if hashes are
    // independent.
    EXPECT_NEAR(sum / kPairs, jaccard, 0.02);
  }
}

TEST(MinHash, EstimatesSpreadAsIndependentHashesWould) {
  const MinHasher hasher({.ngram = 5, .bands = 14, .rows = 8});
  double squares = 0;
  constexpr int kPairs = 200;
  for (int seed = 0; seed < kPairs; ++seed) {
    const double error = jaccard_estimate(hasher, pair_of(154, 75, seed)) - 0.5;
    squares += error * error;
  }
  const double deviation = std::sqrt(squares / kPairs);
  EXPECT_NEAR(deviation, std::sqrt(0.25 / 112), 0.01);  // 0.047
}

// Share of pairs that are found at a Jaccard similarity.
double found_share(int shared, int own) {
  const MinHasher hasher({});
  constexpr int kPairs = 300;
  std::vector<uint64_t> keys;
  for (int seed = 0; seed < kPairs; ++seed) {
    const auto texts = pair_of(shared, own, seed);
    for (const std::string& text : {texts.first, texts.second}) {
      for (const uint64_t key : hasher.band_keys(text, words_of(text))) keys.push_back(key);
    }
  }
  const std::vector<uint32_t> first = find_near_duplicates(keys, 14, Pool::serial());
  int found = 0;
  for (size_t i = 0; i < first.size(); i += 2) {
    EXPECT_EQ(first[i], i);  // never joined with another pair
    found += first[i + 1] == i;
  }
  return found / static_cast<double>(kPairs);
}

TEST(NearDuplicates, AreFoundAsOftenAsTheBandsPromise) {
  // 1 - (1 - s^8)^14; three standard deviations of 300 draws are at most 0.087.
  EXPECT_EQ(found_share(100, 0), 1.0);
  EXPECT_GT(found_share(94, 5), 0.98);             // s = 0.9: 0.9996
  EXPECT_NEAR(found_share(84, 10), 0.924, 0.06);   // s = 0.8
  EXPECT_NEAR(found_share(104, 25), 0.435, 0.1);   // s = 2/3
  EXPECT_NEAR(found_share(54, 25), 0.053, 0.045);  // s = 0.5
  EXPECT_LT(found_share(24, 40), 0.01);            // s = 0.2
}

TEST(NearDuplicates, ClustersCloseOverChainsAndKeepTheFirst) {
  // Two bands; documents 1-3 share band 0, 3-4 share band 1, 0 and 2 stand alone.
  const std::vector<uint64_t> keys = {10, 20, 11, 21, 12, 22, 11, 23, 13, 23};
  EXPECT_EQ(find_near_duplicates(keys, 2, Pool::serial()), (std::vector<uint32_t>{0, 1, 2, 1, 1}));
  EXPECT_TRUE(find_near_duplicates({}, 2, Pool::serial()).empty());
}

TEST(NearDuplicates, DoNotDependOnThreads) {
  std::vector<uint64_t> keys;
  for (uint64_t i = 0; i < 14 * 2000; ++i)
    keys.push_back(random_below(i, random_key(5, Purpose::kTest), 20'000));
  Pool pool(3);
  EXPECT_EQ(find_near_duplicates(keys, 14, pool), find_near_duplicates(keys, 14, Pool::serial()));
}

TEST(NearDuplicates, ShortAndWordlessTextsMeetOnlyTheirEquals) {
  const MinHasher hasher({});
  const auto keys = [&](std::string_view text) { return hasher.band_keys(text, words_of(text)); };
  EXPECT_EQ(keys("Two words"), keys("two, WORDS!"));
  EXPECT_NE(keys("two words"), keys("words two"));
  EXPECT_NE(keys("?"), keys("!"));
  EXPECT_EQ(keys("?"), keys("?"));
}

}  // namespace
}  // namespace aurora::corpus
