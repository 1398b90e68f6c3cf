#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <map>

#include "aurora/base/error.h"
#include "aurora/base/random.h"
#include "aurora/comm/thread_ranks.h"
#include "aurora/tokenizer/encoder.h"
#include "aurora/tokenizer/tokenizer.h"
#include "aurora/vocabulary/learn_pieces.h"
#include "aurora/vocabulary/seed_pieces.h"
#include "aurora/vocabulary/test_texts.h"
#include "aurora/vocabulary/train_unigram.h"
#include "aurora/vocabulary/unigram_expect.h"

namespace aurora::vocabulary {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;
using Words = std::vector<std::pair<std::string, uint64_t>>;

CharStrip strip_of(const Words& words, double coverage = 1) {
  WordCounts counts;
  for (const auto& [word, count] : words) counts.add(word, count);
  counts.finish(Pool::serial());
  return make_char_strip(counts, coverage);
}

// A place of `text` in the strip.
LearnedPiece piece(const CharStrip& strip, const std::string& text, double probability) {
  for (uint32_t at = 0; at + text.size() < strip.chars.size(); ++at) {
    const uint32_t length = static_cast<uint32_t>(text.size());
    if (std::count(&strip.chars[at], &strip.chars[at] + length, 0u) == 0 && strip.text(at, length) == text)
      return {at, length, std::log(probability)};
  }
  ADD_FAILURE() << text;
  return {};
}

// All segmentations, one by one: probability of each, and how often it has each piece.
struct Enumerated {
  double total = 0;
  std::map<std::string, double> weighted;
  double best = 0;
  std::vector<std::string> best_pieces;
};
void enumerate(const std::string& rest, const std::map<std::string, double>& pieces,
               std::vector<std::string>& path, double probability, Enumerated& all) {
  if (rest.empty()) {
    all.total += probability;
    for (const std::string& piece : path) all.weighted[piece] += probability;
    if (probability > all.best) all.best = probability, all.best_pieces = path;
    return;
  }
  for (const auto& [text, p] : pieces) {
    if (!rest.starts_with(text)) continue;
    path.push_back(text);
    enumerate(rest.substr(text.size()), pieces, path, probability * p, all);
    path.pop_back();
  }
}

TEST(UnigramExpect, CountsByHand) {
  // "ab" is a+b with probability 0.25 * 0.25 or ab with 0.5: ab is expected 8/9 times, a and b 1/9.
  const CharStrip strip = strip_of({{"ab", 9}});
  const std::vector<LearnedPiece> pieces = {piece(strip, "a", 0.25), piece(strip, "b", 0.25),
                                            piece(strip, "ab", 0.5)};
  const PieceLattice lattice(strip, pieces, Pool::serial());
  const std::vector<double> expected = expected_counts(lattice, pieces, strip.occurrences, Pool::serial());
  EXPECT_NEAR(expected[0], 1, 1e-5);
  EXPECT_NEAR(expected[1], 1, 1e-5);
  EXPECT_NEAR(expected[2], 8, 1e-5);
  EXPECT_THAT(viterbi_counts(lattice, pieces, Pool::serial()), ElementsAre(0, 0, 9));
}

TEST(UnigramExpect, EqualsTheEnumerationOfAllSegmentations) {
  const Words words = {{"abcabc", 3}, {"bca", 2}, {"ccab", 1}, {"aaaa", 5}};
  const std::map<std::string, double> probabilities = {{"a", 0.2},  {"b", 0.1},    {"c", 0.15}, {"ab", 0.1},
                                                       {"bc", 0.2}, {"abc", 0.05}, {"ca", 0.1}, {"aa", 0.1}};
  const CharStrip strip = strip_of(words);
  std::vector<LearnedPiece> pieces;
  for (const auto& [text, probability] : probabilities) pieces.push_back(piece(strip, text, probability));
  const PieceLattice lattice(strip, pieces, Pool::serial());
  const std::vector<double> expected = expected_counts(lattice, pieces, strip.occurrences, Pool::serial());
  const std::vector<uint64_t> best = viterbi_counts(lattice, pieces, Pool::serial());
  std::map<std::string, double> by_hand;
  std::map<std::string, uint64_t> best_by_hand;
  for (const auto& [word, count] : words) {
    Enumerated all;
    std::vector<std::string> path;
    enumerate(word, probabilities, path, 1, all);
    for (const auto& [text, weighted] : all.weighted)
      by_hand[text] += static_cast<double>(count) * weighted / all.total;
    for (const std::string& text : all.best_pieces) best_by_hand[text] += count;
  }
  size_t i = 0;
  for (const auto& [text, probability] : probabilities) {
    EXPECT_NEAR(expected[i], by_hand[text], 1e-5) << text;
    EXPECT_EQ(best[i], best_by_hand[text]) << text;
    ++i;
  }
}

TEST(UnigramExpect, LongWordsDoNotUnderflow) {
  const CharStrip strip = strip_of({{std::string(40'000, 'a'), 1}, {std::string(40'000, 'b') + "b", 2}});
  const std::vector<LearnedPiece> pieces = {piece(strip, "a", 1e-6), piece(strip, "b", 1e-9),
                                            piece(strip, "bb", 1e-18)};
  const PieceLattice lattice(strip, pieces, Pool::serial());
  const std::vector<double> expected = expected_counts(lattice, pieces, strip.occurrences, Pool::serial());
  EXPECT_NEAR(expected[0], 40'000, 0.1);
  // bb is as probable as b b: of all ways to tile n places by 1 and 2, the golden ratio's share.
  const double n = 40'001, root5 = std::sqrt(5.0);
  EXPECT_NEAR(expected[1], 2 * n / root5, 2);
  EXPECT_NEAR(expected[1] + 2 * expected[2], 2 * n, 0.5);
}

TEST(Digamma, HasItsKnownValues) {
  EXPECT_NEAR(digamma(1), -0.5772156649, 1e-9);
  EXPECT_NEAR(digamma(0.5), -1.9635100260, 1e-9);
  EXPECT_NEAR(digamma(100), 4.6001618527, 1e-9);
}

TEST(UnigramEm, OneStepByHand) {
  const CharStrip strip = strip_of({{"ab", 9}, {"cd", 1}});
  std::vector<LearnedPiece> pieces = {piece(strip, "a", 0.25), piece(strip, "b", 0.25),
                                      piece(strip, "ab", 0.5), piece(strip, "c", 0.2),
                                      piece(strip, "d", 0.2),  piece(strip, "cd", 0.001)};
  PieceLattice lattice(strip, pieces, Pool::serial());
  em_step(lattice, pieces, strip.occurrences, Pool::serial());
  // Expected: a 1, b 1, ab 8, c and d 0.04 / 0.041, cd 0.001 / 0.041, which is less than a half and goes.
  const double single = 0.04 / 0.041;
  const double sum = digamma(10 + 2 * single);
  ASSERT_EQ(pieces.size(), 5u);
  EXPECT_NEAR(pieces[0].score, digamma(1) - sum, 1e-5);
  EXPECT_NEAR(pieces[2].score, digamma(8) - sum, 1e-5);
  EXPECT_NEAR(pieces[4].score, digamma(single) - sum, 1e-5);
}

// Every substring that stands at two places and is not always followed by the same character.
std::map<std::string, uint64_t> seeds_by_hand(const Words& words, size_t longest) {
  struct Found {
    uint64_t count = 0;
    size_t places = 0;
    std::map<std::string, int> next;
  };
  std::map<std::string, Found> found;
  for (size_t w = 0; w < words.size(); ++w) {
    const std::string& word = words[w].first;
    for (size_t at = 0; at < word.size(); ++at) {
      for (size_t n = 2; n <= longest && at + n <= word.size(); ++n) {
        Found& here = found[word.substr(at, n)];
        here.count += words[w].second;
        ++here.places;
        ++here.next[at + n < word.size() ? word.substr(at + n, 1) : "end" + std::to_string(w)];
      }
    }
  }
  std::map<std::string, uint64_t> seeds;
  for (const auto& [text, here] : found) {
    if (here.places > 1 && here.next.size() > 1) seeds[text] = here.count;
  }
  return seeds;
}

Words random_words(uint64_t seed, int number, uint64_t letters) {
  const RandomKey key = random_key(seed, Purpose::kTest);
  uint64_t counter = 0;
  std::map<std::string, uint64_t> words;
  for (int i = 0; i < number; ++i) {
    std::string word;
    const uint64_t length = 1 + random_below(counter++, key, 12);
    for (uint64_t j = 0; j < length; ++j)
      word += static_cast<char>('a' + random_below(counter++, key, letters));
    words[word] += 1 + random_below(counter++, key, 9);
  }
  return {words.begin(), words.end()};
}

TEST(SeedPieces, AreTheSubstringsFoundByHand) {
  for (uint64_t round = 0; round < 20; ++round) {
    const Words words = random_words(round, 30, 3);
    const CharStrip strip = strip_of(words);
    Pool pool(2);
    std::map<std::string, uint64_t> found;
    for (const SeedPiece& seed : seed_pieces(strip, 5, 1'000'000, pool))
      EXPECT_TRUE(found.emplace(strip.text(seed.at, seed.length), seed.count).second);
    EXPECT_EQ(found, seeds_by_hand(words, 5)) << round;
  }
}

TEST(LearnPieces, FindsTheWordsThatTextIsMadeOf) {
  // Four syllables in all orders.
  Words words;
  const std::vector<std::string> syllables = {"ba", "dok", "fum", "gile"};
  for (const std::string& a : syllables)
    for (const std::string& b : syllables)
      for (const std::string& c : syllables) words.emplace_back(a + b + c, 3);
  const CharStrip strip = strip_of(words);
  PieceSettings settings;
  settings.pieces = strip.code_points.size() - 1 + 4;
  std::vector<std::string> longer;
  for (const LearnedPiece& piece : learn_pieces(strip, settings, Pool::serial())) {
    if (piece.length > 1) longer.push_back(strip.text(piece.at, piece.length));
  }
  EXPECT_THAT(longer, ::testing::UnorderedElementsAre("ba", "dok", "fum", "gile"));
}

UnigramSettings small_settings() {
  UnigramSettings settings;
  settings.common.vocab_size = 400;
  settings.byte_fallback = true;
  settings.coverage = 1;
  return settings;
}

std::vector<WeightedText> random_texts() {
  std::vector<WeightedText> texts;
  for (uint64_t i = 0; i < 20; ++i) {
    std::string text;
    for (const auto& [word, count] : random_words(i, 60, 6)) text += word + (count > 6 ? "\n" : " ");
    texts.emplace_back(text, 1 + i % 3);
  }
  return texts;
}

TEST(TrainUnigram, MakesATokenizerThatGivesTextBack) {
  TestTexts source({{"low lower lowest low\nnew newer newest", 5}, {" wide wider", 3}});
  UnigramSettings settings = small_settings();
  settings.common.vocab_size = 290;
  settings.common.round_up_to = 8;
  const TrainResult result = train_unigram(settings, source, Pool::serial());
  const tokenizer::Tokenizer tokenizer(result.spec);
  EXPECT_EQ(tokenizer.vocab_size() % 8, 0);
  EXPECT_EQ(tokenizer.token(0), "<unk>");
  EXPECT_EQ(tokenizer.token(11), "<0x0A>");
  EXPECT_EQ(tokenizer.token(tokenizer.end_of_document()), "<|endoftext|>");
  for (const std::string text : {"lowest newest", "low\nwide", "z \xe3\x81\x82"}) {
    EXPECT_EQ(tokenizer.decode(tokenizer.encode(text)), text);
  }
  EXPECT_LT(tokenizer.encode("low lower lowest").size(), 10u);
}

TEST(TrainUnigram, TheResultDoesNotDependOnThreadsOrderRanksOrMemory) {
  std::vector<WeightedText> texts = random_texts();
  UnigramSettings settings = small_settings();
  TestTexts source(texts);
  const TrainResult once = train_unigram(settings, source, Pool::serial());
  EXPECT_EQ(once.spec.tokens.size(), 400u);
  std::reverse(texts.begin(), texts.end());
  Pool pool(3);
  settings.common.memory_bytes = 0;
  TestTexts reversed(texts);
  EXPECT_EQ(train_unigram(settings, reversed, pool).spec, once.spec);
  comm::run_threads(3, [&](comm::Group& group) {
    std::vector<WeightedText> mine;
    for (size_t i = static_cast<size_t>(group.rank()); i < texts.size(); i += 3) mine.push_back(texts[i]);
    TestTexts share(std::move(mine));
    EXPECT_EQ(train_unigram(settings, share, Pool::serial(), &group).spec, once.spec);
  });
}

TEST(TrainUnigram, RareCharactersAreLeftToByteTokens) {
  TestTexts source({{"aaaa bbbb abab", 100}, {"q", 1}});
  UnigramSettings settings = small_settings();
  settings.coverage = 0.99;
  for (const tokenizer::Token& token : train_unigram(settings, source, Pool::serial()).spec.tokens)
    EXPECT_NE(token.text, "q");
}

TEST(TrainUnigram, WrongSettingsAreUsageErrors) {
  const auto train = [](const UnigramSettings& settings) {
    TestTexts source({{"abcdefgh", 1}});
    return train_unigram(settings, source, Pool::serial());
  };
  UnigramSettings settings = small_settings();
  settings.common.vocab_size = 260;
  EXPECT_THROW(train(settings), UsageError);
  settings = small_settings();
  settings.coverage = 0;
  EXPECT_THROW(train(settings), UsageError);
  settings = small_settings();
  settings.common.special_tokens = {"<unk>"};
  EXPECT_THROW(train(settings), UsageError);
}

}  // namespace
}  // namespace aurora::vocabulary
