#include "aurora/vocabulary/train.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "aurora/base/error.h"
#include "aurora/base/random.h"
#include "aurora/vocabulary/train_merges.h"

namespace aurora::vocabulary {
namespace {

using ::testing::ElementsAre;
using Pair = std::pair<int32_t, int32_t>;

class Texts : public TextSource {
 public:
  explicit Texts(std::vector<std::pair<std::string, uint64_t>> texts) : texts_(std::move(texts)) {}
  bool next(std::string& text, uint64_t& weight) override {
    if (at_ == texts_.size()) return false;
    std::tie(text, weight) = texts_[at_++];
    return true;
  }

 private:
  std::vector<std::pair<std::string, uint64_t>> texts_;
  size_t at_ = 0;
};

tokenizer::Spec train(std::vector<std::pair<std::string, uint64_t>> texts, int32_t vocab_size,
                      uint64_t min_frequency = 2) {
  Texts source(std::move(texts));
  return train_bpe({vocab_size, {"<|endoftext|>"}, min_frequency}, source, Pool::serial()).spec;
}

std::vector<Pair> pairs(const tokenizer::Spec& spec) {
  std::vector<Pair> all;
  for (const tokenizer::MergeRule& merge : spec.merges) all.emplace_back(merge.left, merge.right);
  return all;
}

// The textbook: count all pairs anew, merge the best one everywhere, again.
Merges textbook(std::vector<WordCount> words, size_t max_tokens, uint64_t min_frequency) {
  Merges result;
  for (int byte = 0; byte < 256; ++byte) result.tokens.emplace_back(1, static_cast<char>(byte));
  std::vector<std::vector<int32_t>> symbols;
  for (const WordCount& word : words) {
    symbols.emplace_back();
    for (char c : word.word) symbols.back().push_back(static_cast<uint8_t>(c));
  }
  while (result.tokens.size() < max_tokens) {
    std::map<Pair, uint64_t> counts;
    for (size_t w = 0; w < words.size(); ++w) {
      for (size_t i = 0; i + 1 < symbols[w].size(); ++i) {
        counts[{symbols[w][i], symbols[w][i + 1]}] += words[w].count;
      }
    }
    Pair best{-1, -1};
    uint64_t most = min_frequency - 1;
    for (const auto& [pair, count] : counts) {  // in order, so the first of equals is the smallest
      if (count > most) best = pair, most = count;
    }
    if (best.first < 0) break;
    const std::string bytes = result.tokens[best.first] + result.tokens[best.second];
    auto known = std::find(result.tokens.begin(), result.tokens.end(), bytes);
    const int32_t joined = static_cast<int32_t>(known - result.tokens.begin());
    if (known == result.tokens.end()) result.tokens.push_back(bytes);
    if (std::find(result.merges.begin(), result.merges.end(), best) == result.merges.end()) {
      result.merges.push_back(best);
    }
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

TEST(TrainBpe, MergesTheMostFrequentPairFirst) {
  // low low low lower: l-o and o-w occur 4 times, the smaller left id ('l' < 'o') wins; then lo-w.
  const tokenizer::Spec vocabulary = train({{"low", 3}, {"lower", 1}}, 259);
  EXPECT_THAT(pairs(vocabulary), ElementsAre(Pair{'l', 'o'}, Pair{256, 'w'}));
  EXPECT_EQ(vocabulary.tokens.size(), 259u);
  EXPECT_EQ(vocabulary.tokens[257].text, "low");
  EXPECT_EQ(vocabulary.tokens[258].text, "<|endoftext|>");
  EXPECT_EQ(vocabulary.end_of_document, 258);
}

TEST(TrainBpe, OverlappingPairsMergeFromTheLeft) {
  const tokenizer::Spec vocabulary = train({{"aaaaa", 2}}, 300);
  EXPECT_THAT(pairs(vocabulary), ElementsAre(Pair{'a', 'a'}, Pair{256, 'a'}, Pair{256, 257}));
}

TEST(TrainBpe, NoMergeCrossesAWord) {
  const tokenizer::Spec vocabulary = train({{"ab ab ab 12 12 12", 5}}, 300);
  EXPECT_THAT(pairs(vocabulary), ElementsAre(Pair{'a', 'b'}, Pair{' ', 256}));
}

TEST(TrainBpe, EndsEarlyWhereTheTextHasNoMorePairs) {
  EXPECT_TRUE(train({{"abc", 1}}, 300).merges.empty());  // nothing twice
  EXPECT_EQ(train({{"abc", 1}}, 300, 1).tokens.size(), 259u);
  EXPECT_EQ(train({}, 300).tokens.size(), 257u);
}

TEST(TrainBpe, TheResultDoesNotDependOnOrderCutsOrThreads) {
  const tokenizer::Spec once = train({{"the cat sat on the mat ", 2}, {"a cat and a rat", 1}}, 280);
  Texts source({{"a cat and a rat", 1}, {"the cat sat ", 1}, {"the cat sat ", 1}, {"on the mat ", 2}});
  Pool pool(2);
  // The cuts fall between words, except that a space before "on" and the like stays with the other piece.
  Texts whole({{"a cat and a rat", 1}, {"the cat sat on the mat ", 1}, {"the cat sat on the mat ", 1}});
  EXPECT_EQ(train_bpe({280, {"<|endoftext|>"}, 2}, whole, pool).spec.merges, once.merges);
  EXPECT_EQ(train_bpe({280, {"<|endoftext|>"}, 2}, source, pool).text_bytes, 15u + 12 + 12 + 11);
}

TEST(TrainBpe, WrongSettingsAreUsageErrors) {
  EXPECT_THROW(train({}, 256), UsageError);
  Texts source({});
  EXPECT_THROW(train_bpe({300, {}, 2}, source, Pool::serial()), UsageError);
  EXPECT_THROW(train_bpe({300, {"<a>", "<a>"}, 2}, source, Pool::serial()), UsageError);
}

TEST(TrainMerges, EqualsTheTextbookOnRandomWords) {
  const RandomKey key = random_key(7, Purpose::kTest);
  uint64_t counter = 0;
  for (int round = 0; round < 60; ++round) {
    // Few letters and few lengths: many ties, overlaps and equal joins ("a"+"bc" and "ab"+"c").
    const uint64_t letters = 2 + random_below(counter++, key, 4);
    WordCounts counts;
    for (int i = 0; i < 80; ++i) {
      std::string word;
      const uint64_t length = 2 + random_below(counter++, key, 14);
      for (uint64_t j = 0; j < length; ++j)
        word += static_cast<char>('a' + random_below(counter++, key, letters));
      counts.add(word, 1 + random_below(counter++, key, 5));
    }
    const std::vector<WordCount> words = counts.sorted();
    const Merges fast = train_merges(words, 256 + 200, 2);
    const Merges slow = textbook(words, 256 + 200, 2);
    ASSERT_EQ(fast.merges, slow.merges) << round;
    ASSERT_EQ(fast.tokens, slow.tokens) << round;
  }
}

TEST(TrainMerges, OneHugeWordCostsNoMoreThanItsLength) {
  std::string sequence;
  const RandomKey key = random_key(8, Purpose::kTest);
  for (uint64_t i = 0; i < 300'000; ++i) sequence += "ACGT"[random_below(i, key, 4)];
  const std::vector<WordCount> words = {{sequence, 1}};
  EXPECT_EQ(train_merges(words, 256 + 1000, 2).tokens.size(), 1256u);
}

TEST(WordCounts, SumsAndSorts) {
  WordCounts counts;
  counts.add_text("to be or not to be", 1);
  counts.add_text(" be", 3);
  std::vector<std::pair<std::string, uint64_t>> found;
  for (const WordCount& word : counts.sorted()) found.emplace_back(word.word, word.count);
  using Item = std::pair<std::string, uint64_t>;
  EXPECT_THAT(found,
              ElementsAre(Item{" be", 5}, Item{" not", 1}, Item{" or", 1}, Item{" to", 1}, Item{"to", 1}));
}

}  // namespace
}  // namespace aurora::vocabulary
