#include "aurora/tokenizer/bpe/effective_merges.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "aurora/base/error.h"
#include "aurora/base/random.h"

namespace aurora::tokenizer {
namespace {

using ::testing::ElementsAre;

Spec spec_of(const std::vector<std::string>& texts) {
  Spec spec;
  for (const std::string& text : texts) spec.tokens.push_back({text, 0, TokenKind::kNormal});
  return spec;
}

std::vector<uint32_t> ids_as_ranks(const Spec& spec) {
  std::vector<uint32_t> ranks(spec.tokens.size());
  for (size_t id = 0; id < ranks.size(); ++id) ranks[id] = static_cast<uint32_t>(id);
  return ranks;
}

// tiktoken's rule: the neighbours whose joined bytes have the lowest rank merge, the leftmost of several.
std::vector<int32_t> merge_by_text(const Spec& spec, const std::string& text) {
  std::map<std::string, int32_t> ids;
  for (size_t id = 0; id < spec.tokens.size(); ++id) ids[spec.tokens[id].text] = static_cast<int32_t>(id);
  std::vector<std::string> parts;
  for (const char byte : text) parts.emplace_back(1, byte);
  while (true) {
    int32_t best = -1;
    size_t at = 0;
    for (size_t i = 0; i + 1 < parts.size(); ++i) {
      const auto found = ids.find(parts[i] + parts[i + 1]);
      if (found != ids.end() && (best < 0 || found->second < best)) best = found->second, at = i;
    }
    if (best < 0) break;
    parts[at] += parts[at + 1];
    parts.erase(parts.begin() + static_cast<ptrdiff_t>(at) + 1);
  }
  std::vector<int32_t> out;
  for (const std::string& part : parts) out.push_back(ids.at(part));
  return out;
}

std::vector<int32_t> merge_by_rule(const Spec& spec, std::span<const MergeRule> merges,
                                   const std::string& text) {
  std::vector<int32_t> ids;
  for (const char byte : text) ids.push_back(byte - 'a');
  while (true) {
    const MergeRule* best = nullptr;
    size_t at = 0;
    for (size_t i = 0; i + 1 < ids.size(); ++i) {
      for (const MergeRule& merge : merges) {
        if (merge.left != ids[i] || merge.right != ids[i + 1] || (best && merge.rank >= best->rank)) continue;
        best = &merge;
        at = i;
      }
    }
    if (!best) return ids;
    EXPECT_EQ(spec.tokens[best->result].text, spec.tokens[best->left].text + spec.tokens[best->right].text);
    ids[at] = best->result;
    ids.erase(ids.begin() + static_cast<ptrdiff_t>(at) + 1);
  }
}

std::string random_text(uint64_t length, uint64_t letters, const RandomKey& key, uint64_t& draw) {
  std::string text;
  for (uint64_t i = 0; i < length; ++i) text += static_cast<char>('a' + random_below(draw++, key, letters));
  return text;
}

TEST(MergesOfRanks, OfSeveralPairsThatMakeATokenTheOneThatItComesFromCounts) {
  // abc: "ab" (2) comes before "bc" (3), so a text with a, b, c never has "a" beside "bc".
  const Spec spec = spec_of({"a", "b", "ab", "bc", "abc", "c"});
  const std::vector<MergeRule> merges = merges_of_ranks(spec, ids_as_ranks(spec));
  ASSERT_EQ(merges.size(), 3u);
  EXPECT_EQ(merges[0], (MergeRule{0, 1, 2, 0}));
  EXPECT_EQ(merges[1], (MergeRule{1, 5, 3, 1}));
  EXPECT_EQ(merges[2], (MergeRule{2, 5, 4, 2}));
}

TEST(MergesOfRanks, ATokenThatNoMergesReachHasNone) {
  const Spec spec = spec_of({"a", "b", "c", "abc"});  // neither "ab" nor "bc"
  EXPECT_TRUE(merges_of_ranks(spec, ids_as_ranks(spec)).empty());
}

TEST(MergesOfRanks, EqualRanksStayEqual) {
  const Spec spec = spec_of({"a", "b", "ab", "ba", "aa"});
  const std::vector<uint32_t> ranks = {kNoRank, kNoRank, 7, 7, 3};
  const std::vector<MergeRule> merges = merges_of_ranks(spec, ranks);
  ASSERT_EQ(merges.size(), 3u);
  EXPECT_EQ(merges[0], (MergeRule{0, 0, 4, 0}));
  EXPECT_EQ(merges[1].rank, 1u);
  EXPECT_EQ(merges[2].rank, 1u);
}

// Vocabularies of few letters with ranks at random: every kind of overlap, tie and unreachable token.
TEST(MergesOfRanks, GiveWhatAllPairsGiveOnAnyVocabulary) {
  const RandomKey key = random_key(11, Purpose::kTest);
  uint64_t draw = 0;
  for (int round = 0; round < 300; ++round) {
    std::vector<std::string> texts = {"a", "b", "c"};
    for (int i = 0; i < 40; ++i) {
      const std::string text = random_text(2 + random_below(draw++, key, 5), round % 3 + 1, key, draw);
      if (std::find(texts.begin(), texts.end(), text) == texts.end()) texts.push_back(text);
    }
    const Spec spec = spec_of(texts);
    const std::vector<MergeRule> merges = merges_of_ranks(spec, ids_as_ranks(spec));
    for (int word = 0; word < 40; ++word) {
      const std::string text = random_text(1 + random_below(draw++, key, 20), 3, key, draw);
      ASSERT_EQ(merge_by_rule(spec, merges, text), merge_by_text(spec, text)) << text;
    }
  }
}

TEST(MergesOfRanks, LongTokensTakeTheHeapAndAgree) {
  std::vector<std::string> texts = {"a", "b"};
  for (size_t size = 2; size <= 256; size *= 2) texts.push_back(std::string(size, 'a'));
  texts.push_back(std::string(200, 'a'));  // 128 + 64 + 8 needs "a" 192
  texts.push_back(std::string(192, 'a'));
  const Spec spec = spec_of(texts);
  const std::vector<MergeRule> merges = merges_of_ranks(spec, ids_as_ranks(spec));
  ASSERT_EQ(merges.size(), texts.size() - 2);
  EXPECT_EQ(spec.tokens[merges.back().left].text.size() + spec.tokens[merges.back().right].text.size(), 192u);
}

TEST(EffectiveMerges, LeaveOutWhatNoTextMeets) {
  Spec spec = spec_of({"a", "b", "c", "ab", "bc", "abc"});
  spec.merges = {{0, 1, 3, 0}, {1, 2, 4, 1}, {0, 4, 5, 2}, {3, 2, 5, 3}};
  const std::vector<MergeRule> merges = effective_merges(spec);
  EXPECT_THAT(merges, ElementsAre(MergeRule{0, 1, 3, 0}, MergeRule{1, 2, 4, 1}, MergeRule{3, 2, 5, 3}));
}

TEST(EffectiveMerges, EqualRanksAreRefused) {
  Spec spec = spec_of({"a", "b", "ab", "ba"});
  spec.merges = {{0, 1, 2, 0}, {1, 0, 3, 0}};
  EXPECT_FALSE(has_distinct_ranks(spec));
  EXPECT_THROW(effective_merges(spec), Error);
}

}  // namespace
}  // namespace aurora::tokenizer
