#include "aurora/vocabulary/word_counts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "aurora/base/random.h"
#include "aurora/vocabulary/word_lane.h"

namespace aurora::vocabulary {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;
using Counted = std::map<std::string, uint64_t>;

// Words end behind each space.
size_t cut_at_spaces(std::string_view text, size_t at, std::span<uint32_t> ends) {
  size_t words = 0;
  while (at < text.size() && words < ends.size()) {
    at = std::min(text.find(' ', at), text.size() - 1) + 1;
    ends[words++] = static_cast<uint32_t>(at);
  }
  return words;
}

Counted counted(const WordCounts& counts) {
  Counted all;
  for (size_t shard = 0; shard < WordCounts::kShards; ++shard) {
    uint64_t words = 0, bytes = 0;
    counts.visit(shard, [&](std::string_view word, uint64_t count) {
      EXPECT_TRUE(all.emplace(word, count).second) << word << " twice";
      ++words;
      bytes += word.size();
    });
    EXPECT_EQ(words, counts.words(shard));
    EXPECT_EQ(bytes, counts.word_bytes(shard));
  }
  return all;
}

TEST(WordCounts, AddsUpTheWordsOfTexts) {
  WordCounts counts;
  WordLane lane(counts, 2);
  lane.add_text("to be or not to be", 1, cut_at_spaces);
  lane.add_text("be", 3, cut_at_spaces);
  lane.add_text("x be ", 1, cut_at_spaces);
  lane.finish();
  counts.finish(Pool::serial());
  EXPECT_THAT(counted(counts), ElementsAre(Pair("be", 4), Pair("be ", 2), Pair("not ", 1), Pair("or ", 1),
                                           Pair("to ", 2), Pair("x ", 1)));
}

// Words of every length around what fits a key, many of them often.
std::string random_text(uint64_t seed, size_t words) {
  const RandomKey key = random_key(seed, Purpose::kTest);
  std::string text;
  for (uint64_t i = 0; i < words; ++i) {
    const uint64_t number = random_below(2 * i, key, 20'000) >> random_below(2 * i + 1, key, 12);
    text += std::string(number % 23, static_cast<char>('a' + number % 7)) + std::to_string(number) + ' ';
  }
  return text;
}

TEST(WordCounts, AreThoseOfAMapForAnyThreadsAndMemory) {
  Counted expected;
  std::vector<std::string> texts;
  for (uint64_t i = 0; i < 8; ++i) {
    texts.push_back(random_text(i, 20'000));
    for (size_t at = 0; at < texts[i].size();) {
      const size_t end = texts[i].find(' ', at) + 1;
      expected[texts[i].substr(at, end - at)] += 1 + i;
      at = end;
    }
  }
  for (const uint64_t memory : {uint64_t{1} << 40, uint64_t{400'000}, uint64_t{0}}) {
    Pool pool(2);
    WordCounts counts(memory);
    std::vector<std::unique_ptr<WordLane>> lanes;
    for (int i = 0; i < 2; ++i) lanes.push_back(std::make_unique<WordLane>(counts, 1));
    pool.for_each(2, [&](size_t lane) {
      for (size_t i = lane; i < texts.size(); i += 2) lanes[lane]->add_text(texts[i], 1 + i, cut_at_spaces);
      lanes[lane]->finish();
    });
    counts.finish(pool);
    EXPECT_EQ(counted(counts), expected) << memory;
    EXPECT_EQ(counts.words(), expected.size());
    EXPECT_EQ(counts.spilled_bytes() > 0, memory < uint64_t{1} << 40);
    EXPECT_LT(counts.peak_memory_bytes(), memory + 600'000);
  }
}

TEST(WordCounts, AWordTooLongIsCountedInPiecesThatSplitNoCharacter) {
  WordCounts counts;
  WordLane lane(counts, 1);
  const std::string a(kLongestWord - 1, 'a');
  lane.add_text(a + "\xe3\x81\x82" + "b", 1, cut_at_spaces);
  lane.add_text(std::string(kLongestWord + 3, '\x80'), 1, cut_at_spaces);  // no UTF-8
  lane.finish();
  counts.finish(Pool::serial());
  EXPECT_THAT(counted(counts), ElementsAre(Pair(a, 1), Pair(std::string(3, '\x80'), 1),
                                           Pair(std::string(kLongestWord, '\x80'), 1),
                                           Pair("\xe3\x81\x82"
                                                "b",
                                                1)));
}

}  // namespace
}  // namespace aurora::vocabulary
