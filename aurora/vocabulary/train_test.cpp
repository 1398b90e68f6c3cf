#include "aurora/vocabulary/train.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "aurora/base/error.h"
#include "aurora/base/random.h"
#include "aurora/comm/thread_ranks.h"
#include "aurora/tokenizer/tokenizer.h"
#include "aurora/vocabulary/test_texts.h"

namespace aurora::vocabulary {
namespace {

using ::testing::ElementsAre;
using Pair = std::pair<int32_t, int32_t>;

constexpr int32_t id(char letter) {
  return letter - '!';
}  // of a byte that prints

tokenizer::Spec train(std::vector<WeightedText> texts, TrainSettings settings) {
  TestTexts source(std::move(texts));
  return train_bpe(settings, source, Pool::serial()).spec;
}
tokenizer::Spec train(std::vector<WeightedText> texts, int32_t vocab_size, uint64_t min_frequency = 2) {
  return train(std::move(texts), TrainSettings{vocab_size, {"<|endoftext|>"}, min_frequency});
}

std::vector<Pair> pairs(const tokenizer::Spec& spec) {
  std::vector<Pair> all;
  for (const tokenizer::MergeRule& merge : spec.merges) all.emplace_back(merge.left, merge.right);
  return all;
}

TEST(TrainBpe, MergesTheMostFrequentPairFirst) {
  // low low low lower: l-o and o-w occur 4 times, the smaller left id ('l' < 'o') wins; then lo-w.
  const tokenizer::Spec spec = train({{"low", 3}, {"lower", 1}}, 259);
  EXPECT_THAT(pairs(spec), ElementsAre(Pair{id('l'), id('o')}, Pair{256, id('w')}));
  EXPECT_EQ(spec.tokens.size(), 259u);
  EXPECT_EQ(spec.tokens[257].text, "low");
  EXPECT_EQ(spec.tokens[258].text, "<|endoftext|>");
  EXPECT_EQ(spec.end_of_document, 258);
}

TEST(TrainBpe, BytesComeInTheOrderOfGpt2) {
  const tokenizer::Spec spec = train({}, 257);
  EXPECT_EQ(spec.tokens[0].text, "!");
  EXPECT_EQ(spec.tokens[93].text, "~");
  EXPECT_EQ(spec.tokens[94].text, "\xa1");
  EXPECT_EQ(spec.tokens[187].text, "\xff");
  EXPECT_EQ(spec.tokens[188].text, std::string(1, '\0'));
  EXPECT_EQ(spec.tokens[220].text, " ");
  EXPECT_EQ(spec.tokens[255].text, "\xad");
}

TEST(TrainBpe, OverlappingPairsMergeFromTheLeft) {
  const tokenizer::Spec spec = train({{"aaaaa", 2}}, 300);
  EXPECT_THAT(pairs(spec), ElementsAre(Pair{id('a'), id('a')}, Pair{256, id('a')}, Pair{256, 257}));
}

TEST(TrainBpe, NoMergeCrossesAWord) {
  const tokenizer::Spec spec = train({{"ab ab ab 12 12 12", 5}}, 300);
  EXPECT_THAT(pairs(spec), ElementsAre(Pair{id('a'), id('b')}, Pair{220, 256}));
}

TEST(TrainBpe, EndsEarlyWhereTheTextHasNoMorePairs) {
  EXPECT_TRUE(train({{"abc", 1}}, 300).merges.empty());  // nothing twice
  EXPECT_EQ(train({{"abc", 1}}, 300, 1).tokens.size(), 259u);
  EXPECT_EQ(train({}, 300).tokens.size(), 257u);
}

TEST(TrainBpe, AWeightCountsAsManyTexts) {
  EXPECT_EQ(train({{"ab cd", 1}, {"cd", 2}}, 259), train({{"ab cd", 1}, {"cd", 1}, {"cd", 1}}, 259));
  EXPECT_THAT(pairs(train({{"ab", 3}, {"cd", 0}}, 300)), ElementsAre(Pair{id('a'), id('b')}));
}

TEST(TrainBpe, AWeightBeyond32BitsIsExact) {
  // 5e9 + 3 against 5e9 + 4 occurrences.
  const uint64_t many = 5'000'000'000;
  EXPECT_THAT(pairs(train({{"ab", many}, {"cd", many}, {"ab", 3}, {"xcd", 4}}, 258)),
              ElementsAre(Pair{id('c'), id('d')}));
  EXPECT_THAT(pairs(train({{"abc", many}, {"abd", many}, {"e", 7}}, 260)),
              ElementsAre(Pair{id('a'), id('b')}, Pair{256, id('c')}, Pair{256, id('d')}));
}

TEST(TrainBpe, TheResultDoesNotDependOnOrderCutsOrThreads) {
  const tokenizer::Spec once = train({{"the cat sat on the mat ", 2}, {"a cat and a rat", 1}}, 280);
  TestTexts whole({{"a cat and a rat", 1}, {"the cat sat on the mat ", 1}, {"the cat sat on the mat ", 1}});
  Pool pool(2);
  const TrainResult result = train_bpe({280, {"<|endoftext|>"}, 2}, whole, pool);
  EXPECT_EQ(result.spec, once);
  EXPECT_EQ(result.text_bytes, 15u + 23 + 23);
}

TEST(TrainBpe, ReservedTokensFollowAndFillUpToTheMultiple) {
  TrainSettings settings;
  settings.vocab_size = 260;
  settings.reserved_tokens = 1;
  settings.round_up_to = 8;
  const tokenizer::Spec full = train({{"abcdefgh", 9}}, settings);
  ASSERT_EQ(full.tokens.size(), 264u);  // 256 bytes, 6 merges, two more
  EXPECT_EQ(full.merges.size(), 6u);
  EXPECT_EQ(full.tokens[262].text, "<|endoftext|>");
  EXPECT_EQ(full.tokens[263].text, "<|reserved_0|>");
  const tokenizer::Spec early = train({{"ab", 9}}, settings);
  ASSERT_EQ(early.tokens.size(), 264u);  // one merge
  EXPECT_EQ(early.tokens[257].text, "<|endoftext|>");
  EXPECT_EQ(early.tokens[263].text, "<|reserved_5|>");
  EXPECT_EQ(tokenizer::Tokenizer(early).vocab_size(), 264);
}

TEST(TrainBpe, NoTokenIsLongerThanAsked) {
  TrainSettings settings;
  settings.longest_token = 3;
  for (const tokenizer::Token& token : train({{"abcdefgh abcdefgh", 9}}, settings).tokens) {
    EXPECT_LE(token.kind == tokenizer::TokenKind::kNormal ? token.text.size() : 0, 3u);
  }
}

TEST(TrainBpe, TheResultDoesNotDependOnRanksOrMemory) {
  std::vector<WeightedText> texts;
  const RandomKey key = random_key(3, Purpose::kTest);
  for (uint64_t i = 0; i < 60; ++i) {
    std::string text;
    for (uint64_t j = 0; j < 300; ++j) {
      text += ' ';
      for (uint64_t bits = random_u64(300 * i + j, key) >> 44; bits > 0; bits /= 23)
        text += static_cast<char>('a' + bits % 23);
    }
    texts.emplace_back(std::move(text), 1 + i % 4);
  }
  TrainSettings settings;
  settings.vocab_size = 500;
  const tokenizer::Spec once = train(texts, settings);
  EXPECT_EQ(once.tokens.size(), 500u);
  for (const int ranks : {1, 2, 3, 5}) {
    settings.memory_bytes = ranks % 2 == 0 ? 0 : uint64_t{1} << 30;
    std::vector<TrainResult> results(static_cast<size_t>(ranks));
    comm::run_threads(ranks, [&](comm::Group& group) {
      std::vector<WeightedText> mine;
      for (size_t i = 0; i < texts.size(); ++i) {
        if (i % static_cast<size_t>(ranks) == static_cast<size_t>(group.rank())) mine.push_back(texts[i]);
      }
      TestTexts source(std::move(mine));
      results[static_cast<size_t>(group.rank())] = train_bpe(settings, source, Pool::serial(), &group);
    });
    for (const TrainResult& result : results) {
      EXPECT_EQ(result.spec, once) << ranks;
      EXPECT_EQ(result.unique_words, results[0].unique_words);
      EXPECT_EQ(result.text_bytes, results[0].text_bytes);
    }
  }
}

TEST(TrainBpe, AWeightUnitMakesRatiosExact) {
  TrainSettings settings;
  settings.vocab_size = 259;
  settings.weight_unit = 10;
  // 1.5 times "ab" is less than min_frequency, 2.1 times "cd" is enough.
  EXPECT_THAT(pairs(train({{"ab", 15}, {"cd", 21}}, settings)), ElementsAre(Pair{id('c'), id('d')}));
}

TEST(TrainBpe, WrongSettingsAreUsageErrors) {
  EXPECT_THROW(train({}, 256), UsageError);
  EXPECT_THROW(train({}, TrainSettings{300, {}, 2}), UsageError);
  EXPECT_THROW(train({}, TrainSettings{300, {"<a>", "<a>"}, 2}), UsageError);
  EXPECT_THROW(train({}, TrainSettings{300, {"<|reserved_0|>"}, 2}), UsageError);
  EXPECT_THROW(train({}, TrainSettings{300, {"<a>"}, 2, 0}), UsageError);
  EXPECT_THROW(train({}, TrainSettings{300, {"<a>"}, 2, 1, 44}), UsageError);
  EXPECT_THROW(train({}, TrainSettings{300, {"<a>"}, 2, 1, 0, 0}), UsageError);
  EXPECT_THROW(train({}, TrainSettings{300, {"<a>"}, 2, 1, 0, 1, "no scheme"}), UsageError);
}

}  // namespace
}  // namespace aurora::vocabulary
