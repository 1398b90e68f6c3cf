#include "aurora/vocabulary/train_merges.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "aurora/base/random.h"

namespace aurora::vocabulary {
namespace {

using Pair = std::pair<int32_t, int32_t>;
using Words = std::vector<std::pair<std::string, uint64_t>>;

// The textbook: count all pairs anew, merge the best one everywhere, again.
Merges textbook(const Words& words, size_t max_tokens, uint64_t min_frequency, size_t longest = ~size_t{0}) {
  Merges result;
  for (int byte = 0; byte < 256; ++byte) result.tokens.emplace_back(1, static_cast<char>(byte));
  std::vector<std::vector<int32_t>> symbols;
  for (const auto& [word, count] : words) {
    symbols.emplace_back();
    for (char c : word) symbols.back().push_back(static_cast<uint8_t>(c));
  }
  while (result.tokens.size() < max_tokens) {
    std::map<Pair, uint64_t> counts;
    for (size_t w = 0; w < words.size(); ++w) {
      for (size_t i = 0; i + 1 < symbols[w].size(); ++i) {
        counts[{symbols[w][i], symbols[w][i + 1]}] += words[w].second;
      }
    }
    Pair best{-1, -1};
    uint64_t most = min_frequency - 1;
    for (const auto& [pair, count] : counts) {  // in order, so the first of equals is the smallest
      const size_t bytes = result.tokens[pair.first].size() + result.tokens[pair.second].size();
      if (count > most && bytes <= longest) best = pair, most = count;
    }
    if (best.first < 0) break;
    const std::string bytes = result.tokens[best.first] + result.tokens[best.second];
    EXPECT_EQ(std::count(result.tokens.begin(), result.tokens.end(), bytes), 0) << bytes;
    const int32_t joined = static_cast<int32_t>(result.tokens.size());
    result.tokens.push_back(bytes);
    result.merges.push_back(best);
    for (std::vector<int32_t>& word : symbols) {
      std::vector<int32_t> merged;
      for (size_t i = 0; i < word.size(); ++i) {
        const bool here = i + 1 < word.size() && word[i] == best.first && word[i + 1] == best.second;
        merged.push_back(here ? joined : word[i]);
        i += here;
      }
      word = merged;
    }
  }
  return result;
}

MergeSettings settings_for(size_t most_tokens) {
  MergeSettings settings;
  settings.most_tokens = most_tokens;
  for (size_t byte = 0; byte < 256; ++byte) settings.bytes[byte] = static_cast<uint8_t>(byte);
  return settings;
}

Merges train(const Words& words, const MergeSettings& settings, Pool& pool) {
  WordCounts counts;
  for (const auto& [word, count] : words) counts.add(word, count);
  counts.finish(pool);
  return train_merges(counts, settings, pool);
}

// Few letters and few lengths: many ties, overlaps and ways to the same bytes.
Words random_words(uint64_t round) {
  const RandomKey key = random_key(7, Purpose::kTest, {round});
  uint64_t counter = 0;
  const uint64_t letters = 2 + random_below(counter++, key, 4);
  std::map<std::string, uint64_t> words;
  for (int i = 0; i < 80; ++i) {
    std::string word;
    const uint64_t length = 2 + random_below(counter++, key, i == 0 ? 300 : 14);
    for (uint64_t j = 0; j < length; ++j)
      word += static_cast<char>('a' + random_below(counter++, key, letters));
    words[word] += 1 + random_below(counter++, key, 5);
  }
  return {words.begin(), words.end()};
}

TEST(TrainMerges, EqualsTheTextbookOnRandomWords) {
  Pool pool(3);
  uint64_t scans = 0;
  for (uint64_t round = 0; round < 60; ++round) {
    const Words words = random_words(round);
    MergeSettings settings = settings_for(256 + 200);
    // Every way of cutting the work: many scans or one, all merges shared among threads or none.
    settings.scan_ratio = round % 3 == 0 ? 1'000'000 : 2 + round % 5;
    settings.places_for_threads = round % 2 == 0 ? 1 : 1'000'000;
    const Merges fast = train(words, settings, pool);
    const Merges slow = textbook(words, 256 + 200, 2);
    ASSERT_EQ(fast.merges, slow.merges) << round;
    ASSERT_EQ(fast.tokens, slow.tokens) << round;
    scans += fast.scans;
  }
  EXPECT_GT(scans, 100u);  // else the rounds prove less than they should
}

TEST(TrainMerges, EqualsTheTextbookWithALongestToken) {
  for (uint64_t round = 0; round < 10; ++round) {
    const Words words = random_words(100 + round);
    MergeSettings settings = settings_for(256 + 100);
    settings.longest_bytes = 4;
    settings.scan_ratio = 3;
    ASSERT_EQ(train(words, settings, Pool::serial()).merges, textbook(words, 256 + 100, 2, 4).merges)
        << round;
  }
}

TEST(TrainMerges, TokensBeyond255BytesKeepTheirLength) {
  const Words words = {{std::string(1100, 'a') + std::string(300, 'b'), 2}, {std::string(700, 'a'), 1}};
  MergeSettings settings = settings_for(256 + 60);
  settings.scan_ratio = 2;
  const Merges fast = train(words, settings, Pool::serial());
  EXPECT_EQ(fast.merges, textbook(words, 256 + 60, 2).merges);
  EXPECT_EQ(fast.tokens.back().size(), 1400u);
}

TEST(TrainMerges, OneHugeWordCostsNoMoreThanItsLength) {
  std::string sequence;
  const RandomKey key = random_key(8, Purpose::kTest);
  for (uint64_t i = 0; i < 300'000; ++i) sequence += "ACGT"[random_below(i, key, 4)];
  EXPECT_EQ(train({{sequence, 1}}, settings_for(256 + 1000), Pool::serial()).tokens.size(), 1256u);
}

}  // namespace
}  // namespace aurora::vocabulary
