#include "aurora/tokenizer/unigram/unigram.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <map>

#include "aurora/base/error.h"
#include "aurora/base/utf8.h"

namespace aurora::tokenizer {
namespace {

using testing::ElementsAre;

Token token(std::string text, double score, TokenKind kind = TokenKind::kNormal) {
  Token made;
  made.text = std::move(text);
  made.score = score;
  made.kind = kind;
  return made;
}

Spec small_spec() {
  Spec spec;
  spec.model = ModelKind::kUnigram;
  spec.byte_level = false;
  spec.unknown = 0;
  spec.tokens = {token("<unk>", 0, TokenKind::kUnknown),
                 token("a", -1),
                 token("b", -1),
                 token("ab", -1.5),
                 token("abc", -9),
                 token("\u3042", -2),
                 token("xx", -40)};
  return spec;
}

std::vector<int32_t> encoded(const Spec& spec, std::string_view text) {
  const UnigramModel model(spec);
  UnigramEncoder encoder(model);
  std::vector<int32_t> ids;
  encoder.encode(text, ids);
  std::vector<int32_t> again;
  encoder.encode(text, again);  // remembered now
  EXPECT_EQ(again, ids);
  std::vector<Piece> pieces;
  encoder.encode(text, pieces);
  EXPECT_EQ(pieces.size(), ids.size());
  for (size_t i = 0; i < ids.size(); ++i) EXPECT_EQ(pieces[i].id, ids[i]);
  EXPECT_EQ(pieces.empty() ? 0 : pieces.back().end, text.size());
  return ids;
}

TEST(Unigram, TheSumOfScoresDecides) {
  EXPECT_THAT(encoded(small_spec(), "abab"), ElementsAre(3, 3));
  EXPECT_THAT(encoded(small_spec(), "aab\u3042"), ElementsAre(1, 3, 5));
  EXPECT_THAT(encoded(small_spec(), ""), ElementsAre());
}

TEST(Unigram, UnknownCharactersInARowAreOneToken) {
  EXPECT_THAT(encoded(small_spec(), "a??\u00e9b"), ElementsAre(1, 0, 2));
  EXPECT_THAT(encoded(small_spec(), "abc"), ElementsAre(4));
}

TEST(Unigram, OfTokenizersARowOfUnknownCharactersMayBeAToken) {
  // "xx" costs 40, two unknown characters 2 * (40 + 10): the piece wins. With a third x, so does one way of
  // two, and the row of one x is unknown.
  EXPECT_THAT(encoded(small_spec(), "xx"), ElementsAre(6));
  Spec spec = small_spec();
  spec.tokens[6].score = -200;
  spec.tokens.push_back(token("y", -300));
  spec.tokens[6].score = -299;  // x costs 310, so "xx" is found as a piece; of "xxx" one x is unknown
  EXPECT_EQ(encoded(spec, "xxx").size(), 2u);
}

TEST(Unigram, UnknownCharactersBecomeBytesWhereThereAreBytes) {
  Spec spec = small_spec();
  spec.byte_fallback = true;
  const auto first = static_cast<int32_t>(spec.tokens.size());
  char name[8];
  for (int byte = 0; byte < 256; ++byte) {
    std::snprintf(name, sizeof name, "<0x%02X>", byte);
    spec.tokens.push_back(token(name, -1, TokenKind::kByte));
  }
  EXPECT_THAT(encoded(spec, "a\u00e9"), ElementsAre(1, first + 0xc3, first + 0xa9));
  EXPECT_THAT(encoded(spec, "<0x41>"), ElementsAre(first + 0x41));  // `tokenizers` has them as pieces
  spec.model = ModelKind::kSentencePieceUnigram;
  EXPECT_THAT(encoded(spec, "\u00e9a"), ElementsAre(first + 0xc3, first + 0xa9, 1));
  EXPECT_EQ(encoded(spec, "<0x41>").size(), 6u);
  EXPECT_THAT(encoded(spec, "\xff"), ElementsAre(first + 0xff));
}

TEST(Unigram, WithoutUnknownTokenAnUnknownCharacterIsAnError) {
  Spec spec = small_spec();
  spec.unknown = -1;
  EXPECT_THAT(encoded(spec, "ab"), ElementsAre(3));
  EXPECT_THROW(encoded(spec, "a?"), Error);
}

TEST(Unigram, OfSentencePieceUserSymbolsWinAndUnusedPiecesLose) {
  Spec spec = small_spec();
  spec.model = ModelKind::kSentencePieceUnigram;
  EXPECT_THAT(encoded(spec, "abcab"), ElementsAre(4, 3));
  AddedToken symbol;
  symbol.id = 4;
  symbol.text = "abc";
  symbol.special = false;
  spec.added = {symbol};
  EXPECT_THAT(encoded(spec, "aabc"), ElementsAre(1, 4));
  spec.added.clear();
  spec.tokens[3].kind = TokenKind::kUnused;
  EXPECT_THAT(encoded(spec, "ab"), ElementsAre(1, 2));
  EXPECT_THAT(encoded(spec, "a??b"), ElementsAre(1, 0, 2));
}

TEST(Unigram, SumsOfSentencePieceBeginAnewBeforeTheyLosePrecision) {
  Spec spec = small_spec();
  spec.model = ModelKind::kSentencePieceUnigram;
  spec.tokens = {token("<unk>", 0, TokenKind::kUnknown), token("a", -1), token("x", -1), token("y", -1),
                 token("xy", static_cast<float>(-2.0001))};
  const auto ends_in_two = [&](size_t before) {
    return encoded(spec, std::string(before, 'a') + "xy").size() == before + 2;
  };
  EXPECT_TRUE(ends_in_two(10));        // -2 is better than -2.0001
  EXPECT_FALSE(ends_in_two(3000));     // but f32 cannot tell -3002 from -3002.0001
  EXPECT_FALSE(ends_in_two(100'000));  // The sum is -100000 here, and 0 one character later.
  EXPECT_TRUE(ends_in_two(100'001));
  EXPECT_FALSE(ends_in_two(103'000));
}

// All ways, by the definition.
std::vector<int32_t> by_definition(const Spec& spec, std::string_view text) {
  std::map<std::string_view, int32_t> ids;
  double least = INFINITY;
  for (size_t i = 0; i < spec.tokens.size(); ++i) {
    ids[spec.tokens[i].text] = static_cast<int32_t>(i);
    least = std::min(least, spec.tokens[i].score);
  }
  struct Way {
    bool there = false;
    double score = 0;
    size_t from = 0;
    int32_t id = 0;
  };
  std::vector<Way> ways(text.size() + 1);
  ways[0].there = true;
  for (size_t at = 0; at < text.size(); at += decode_utf8(text, at).bytes) {
    const size_t one = decode_utf8(text, at).bytes;
    for (size_t end = at + 1; end <= std::min(text.size(), at + 32); ++end) {
      const auto found = ids.find(text.substr(at, end - at));
      double score = ways[at].score;
      int32_t id = 0;
      if (found != ids.end()) {
        id = found->second;
        score += spec.tokens[static_cast<size_t>(id)].score;
      } else if (end == at + one) {
        score += least - 10;
      } else {
        continue;
      }
      if (!ways[end].there || score > ways[end].score) ways[end] = {true, score, at, id};
    }
  }
  std::vector<int32_t> out;
  for (size_t end = text.size(); end > 0; end = ways[end].from) {
    if (ways[end].id == 0 && !out.empty() && out.back() == 0) continue;
    out.push_back(ways[end].id);
  }
  return {out.rbegin(), out.rend()};
}

TEST(Unigram, EqualsTheDefinitionOnRandomVocabulariesAndLongTexts) {
  uint64_t random = 7;
  const auto next = [&](uint64_t below) {
    random = random * 6364136223846793005u + 1442695040888963407u;
    return (random >> 33) % below;
  };
  for (int round = 0; round < 60; ++round) {
    Spec spec;
    spec.model = ModelKind::kUnigram;
    spec.byte_level = false;
    spec.unknown = 0;
    spec.tokens = {token("<unk>", 0, TokenKind::kUnknown)};
    std::map<std::string, bool> seen;
    for (int i = 0; i < 40; ++i) {
      std::string text;
      for (uint64_t size = 1 + next(5); size > 0; --size)
        append_utf8(text, next(4) ? 'a' + static_cast<uint32_t>(next(4)) : 0x3042);
      if (!seen.emplace(text, true).second) continue;
      spec.tokens.push_back(token(text, -1.0 - static_cast<double>(next(1000)) / 100));
    }
    std::string text;
    const uint64_t size = round % 10 == 0 ? 20000 : 1 + next(60);
    while (text.size() < size) append_utf8(text, next(6) ? 'a' + static_cast<uint32_t>(next(5)) : 0x3042);
    const UnigramModel model(spec);
    UnigramEncoder encoder(model);
    std::vector<int32_t> ids;
    encoder.encode(text, ids);
    ASSERT_EQ(ids, by_definition(spec, text)) << text.substr(0, 100);
  }
}

TEST(PieceTrie, FindsAllPiecesAndNoOthers) {
  std::vector<std::string> texts;
  for (int i = 0; i < 3000; ++i) {
    std::string text;
    for (int n = i * 7919; n > 0; n /= 13) text += static_cast<char>(n % 13 * 19);
    texts.push_back(text + '\xff');
  }
  std::sort(texts.begin(), texts.end());
  texts.erase(std::unique(texts.begin(), texts.end()), texts.end());
  std::vector<PieceTrie::Piece> pieces;
  for (size_t i = 0; i < texts.size(); i += 2) pieces.emplace_back(texts[i], static_cast<int32_t>(i));
  const PieceTrie trie(pieces);
  for (size_t i = 0; i < texts.size(); ++i) {
    EXPECT_EQ(trie.find(texts[i]), i % 2 == 0 ? static_cast<int32_t>(i) : -1);
    EXPECT_EQ(trie.find(texts[i] + "x"), -1);
  }
  EXPECT_EQ(PieceTrie().longest(std::string(300, '\0')).id, -1);
  EXPECT_EQ(trie.longest(texts[0] + "abc").bytes, texts[0].size());
}

}  // namespace
}  // namespace aurora::tokenizer
