#include "aurora/tokenizer/bpe/encoder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "aurora/base/error.h"
#include "aurora/base/random.h"
#include "aurora/base/utf8.h"
#include "aurora/tokenizer/bpe/merger.h"
#include "aurora/tokenizer/bpe/tables.h"
#include "aurora/tokenizer/bpe/test_vocabulary.h"

namespace aurora::tokenizer {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class Draw {
 public:
  explicit Draw(uint64_t stream) : key_(random_key(stream, Purpose::kTest)) {}
  uint64_t below(uint64_t bound) { return random_u64(next_++, key_) % bound; }

 private:
  RandomKey key_;
  uint64_t next_ = 0;
};

// 256 bytes, then what the pairs join to; rank k for merge k.
Spec byte_spec(const std::vector<std::pair<std::string, std::string>>& merges) {
  Spec spec;
  for (int byte = 0; byte < 256; ++byte) {
    spec.tokens.push_back({std::string(1, static_cast<char>(byte)), 0, TokenKind::kNormal});
  }
  const auto id = [&](const std::string& text) {
    for (size_t i = 0; i < spec.tokens.size(); ++i) {
      if (spec.tokens[i].text == text) return static_cast<int32_t>(i);
    }
    spec.tokens.push_back({text, 0, TokenKind::kNormal});
    return static_cast<int32_t>(spec.tokens.size()) - 1;
  };
  for (const auto& [left, right] : merges) {
    const uint32_t rank = static_cast<uint32_t>(spec.merges.size());
    spec.merges.push_back({id(left), id(right), id(left + right), rank});
  }
  return spec;
}

// The definition, step by step.
class Textbook {
 public:
  explicit Textbook(const Spec& spec) : spec_(spec) {
    for (const MergeRule& rule : spec.merges) rules_[{rule.left, rule.right}] = {rule.rank, rule.result};
    for (size_t id = 0; id < spec.tokens.size(); ++id) {
      const Token& token = spec.tokens[id];
      if (token.kind == TokenKind::kNormal) ids_.emplace(token.text, static_cast<int32_t>(id));
      if (token.kind == TokenKind::kByte) byte_ids_.emplace(token.text, static_cast<int32_t>(id));
    }
  }

  std::vector<int32_t> encode(std::string_view word) const {
    if (spec_.whole_words && ids_.contains(std::string(word))) return {ids_.at(std::string(word))};
    std::vector<int32_t> ids = spec_.byte_level ? bytes(word) : characters(word);
    while (true) {
      size_t best = ids.size();
      uint32_t rank = 0;
      for (size_t i = 0; i + 1 < ids.size(); ++i) {
        const auto found = rules_.find({ids[i], ids[i + 1]});
        if (found == rules_.end() || (best < ids.size() && found->second.first >= rank)) continue;
        best = i;
        rank = found->second.first;
      }
      if (best == ids.size()) return ids;
      ids[best] = rules_.at({ids[best], ids[best + 1]}).second;
      ids.erase(ids.begin() + static_cast<ptrdiff_t>(best) + 1);
    }
  }

 private:
  std::vector<int32_t> bytes(std::string_view word) const {
    std::vector<int32_t> ids;
    for (char byte : word) ids.push_back(ids_.at(std::string(1, byte)));
    return ids;
  }
  std::vector<int32_t> characters(std::string_view word) const {
    std::vector<int32_t> ids;
    bool waiting = false;
    for (size_t at = 0, size = 0; at < word.size(); at += size) {
      size = decode_utf8(word, at).bytes;
      const std::string character(word.substr(at, size));
      if (ids_.contains(character)) {
        if (waiting) ids.push_back(spec_.unknown);
        waiting = false;
        ids.push_back(ids_.at(character));
      } else if (std::vector<int32_t> fallback = fallback_of(character); !fallback.empty()) {
        ids.insert(ids.end(), fallback.begin(), fallback.end());
      } else if (spec_.unknown >= 0) {
        if (waiting && !spec_.fuse_unknown) ids.push_back(spec_.unknown);
        waiting = true;
      }
    }
    if (waiting) ids.push_back(spec_.unknown);
    return ids;
  }
  std::vector<int32_t> fallback_of(const std::string& character) const {
    std::vector<int32_t> ids;
    for (char byte : character) {
      char name[8];
      std::snprintf(name, sizeof name, "<0x%02X>", static_cast<uint8_t>(byte));
      const auto found = byte_ids_.find(name);
      if (found == byte_ids_.end() || !spec_.byte_fallback) return {};
      ids.push_back(found->second);
    }
    return ids;
  }

  const Spec& spec_;
  std::map<std::pair<int32_t, int32_t>, std::pair<uint32_t, int32_t>> rules_;
  std::map<std::string, int32_t> ids_;
  std::map<std::string, int32_t> byte_ids_;
};

std::vector<int32_t> encode(BpeEncoder& encoder, std::string_view text) {
  std::vector<int32_t> ids;
  encoder.encode(text, ids);
  return ids;
}

std::vector<int32_t> encode(const Spec& spec, std::string_view text) {
  const BpeModel model(spec);
  BpeEncoder encoder(model);
  return encode(encoder, text);
}

// Words end behind each space.
size_t cut_at_spaces(std::string_view text, size_t at, std::span<uint32_t> ends) {
  size_t count = 0;
  while (at < text.size() && count < ends.size()) {
    at = std::min(text.find(' ', at), text.size() - 1) + 1;
    ends[count++] = static_cast<uint32_t>(at);
  }
  return count;
}

std::string text_of(Draw& draw, const std::vector<std::string>& parts, size_t count) {
  std::string text;
  for (size_t i = 0; i < count; ++i) text += parts[draw.below(parts.size())];
  return text;
}

// The portable scan gives what the fastest one gives, and several words at once what one gives.
void expect_equal_scans(const BpeModel& model, const std::vector<std::string>& texts) {
  BpeMerger portable(model.tables(), kScanPortable);
  BpeMerger fastest(model.tables());
  const auto ids_of = [](std::span<const int32_t> ids) {
    return std::vector<int32_t>(ids.begin(), ids.end());
  };
  std::vector<std::string_view> together;
  for (const std::string& text : texts) {
    ASSERT_EQ(ids_of(portable.merge(text)), ids_of(fastest.merge(text))) << text;
    if (!text.empty() && text.size() <= kKeyBytes) together.push_back(text);
  }
  if (!model.tables().regular) return;
  for (size_t from = 0; from < together.size(); from += BpeMerger::kTogether) {
    const size_t count = std::min(BpeMerger::kTogether, together.size() - from);
    for (BpeMerger* merger : {&portable, &fastest}) {
      merger->merge_together(std::span(together).subspan(from, count));
      for (size_t i = 0; i < count; ++i) {
        const std::vector<int32_t> ids = ids_of(merger->merged(i));
        BpeMerger alone(model.tables());
        ASSERT_EQ(ids, ids_of(alone.merge(together[from + i])));
      }
    }
  }
}

// Every way that a text can take through an encoder, for the words of `texts` (each is one word): alone,
// again, and all of them in one text of many words.
void expect_textbook(const Spec& spec, const std::vector<std::string>& texts) {
  const Textbook textbook(spec);
  const BpeModel model(spec);
  ASSERT_NO_FATAL_FAILURE(expect_equal_scans(model, texts));
  BpeEncoder encoder(model);
  BpeEncoder cutting(model, cut_at_spaces);
  std::string all;
  std::vector<int32_t> all_ids;
  for (const std::string& text : texts) {
    const std::vector<int32_t> expected = textbook.encode(text);
    for (int round = 0; round < 2; ++round) ASSERT_EQ(encode(encoder, text), expected) << text;
    std::vector<BpeSymbol> symbols;
    encoder.encode_word(text, symbols);
    std::vector<int32_t> ids;
    for (const BpeSymbol& symbol : symbols) ids.push_back(symbol.id);
    ASSERT_EQ(ids, expected) << text;
    if (text.find(' ') != std::string::npos) continue;
    const std::vector<int32_t> word = textbook.encode(text + " ");
    all += text + " ";
    all_ids.insert(all_ids.end(), word.begin(), word.end());
  }
  // Often enough for a table of its own.
  size_t seen = 0;
  for (int round = 0; round < 3 || seen < 300'000; ++round) {
    ASSERT_EQ(encode(cutting, all), all_ids);
    seen += all.size() + 1000;
    if (round == 1) cutting.forget();
  }
}

TEST(BpeEncoder, MergesByRankFromTheLeft) {
  const Spec spec =
      byte_spec({{"h", "e"}, {"l", "l"}, {"he", "ll"}, {"hell", "o"}, {"a", "a"}, {"aa", "aa"}, {"b", "aa"}});
  EXPECT_THAT(encode(spec, "hello"), ElementsAre(259));
  EXPECT_THAT(encode(spec, "ell"), ElementsAre('e', 257));
  EXPECT_THAT(encode(spec, "aaaaa"), ElementsAre(261, 'a'));
  EXPECT_THAT(encode(spec, "baaa"), ElementsAre(262, 'a'));
  EXPECT_THAT(encode(spec, ""), ElementsAre());
}

TEST(BpeEncoder, AWholeWordIsItsTokenWhateverTheMergesSay) {
  Spec spec = byte_spec({{"a", "b"}, {"b", "c"}});
  spec.tokens.push_back({"abc", 0, TokenKind::kNormal});
  EXPECT_THAT(encode(spec, "abc"), ElementsAre(256, 'c'));
  spec.whole_words = true;
  EXPECT_THAT(encode(spec, "abc"), ElementsAre(258));
  EXPECT_THAT(encode(spec, "xabc"), ElementsAre('x', 256, 'c'));
}

// 語語語 is a token that no merge makes; as a part of a longer word, that is cut, it must not be taken.
TEST(BpeEncoder, AWholeWordIsNotTakenInsideAnother) {
  Spec spec = byte_spec({{"\xe8", "\xaa"}, {"\xe8\xaa", "\x9e"}});
  spec.tokens.push_back({"語語語", 0, TokenKind::kNormal});
  spec.whole_words = true;
  const BpeModel model(spec);
  BpeEncoder encoder(model);
  const std::vector<int32_t> word = {258};
  const std::vector<int32_t> inside = {257, 257, 257, 'x', 'x', 'x'};
  for (int round = 0; round < 3; ++round) {
    EXPECT_EQ(encode(encoder, "語語語"), word);
    EXPECT_EQ(encode(encoder, "語語語xxx"), inside);
    encode(encoder, std::string(100'000, 'y'));
  }
}

TEST(BpeEncoder, OneTokenOfManyBytesIsFoundWhole) {
  std::vector<std::pair<std::string, std::string>> merges;
  for (size_t size = 1; size <= 256; size *= 2)
    merges.emplace_back(std::string(size, 'a'), std::string(size, 'a'));
  const Spec spec = byte_spec(merges);
  EXPECT_THAT(encode(spec, std::string(512, 'a')), ElementsAre(264));
  EXPECT_THAT(encode(spec, std::string(1027, 'a')), ElementsAre(264, 264, 256, 'a'));
}

TEST(BpeEncoder, EndsOfTokensAreInBytes) {
  const Spec spec = byte_spec({{"h", "e"}, {"l", "l"}});
  const BpeModel model(spec);
  BpeEncoder encoder(model);
  std::vector<BpeSymbol> symbols;
  encoder.encode_word("hello", symbols);
  std::vector<uint32_t> ends;
  for (const BpeSymbol& symbol : symbols) ends.push_back(symbol.end);
  EXPECT_THAT(ends, ElementsAre(2, 4, 5));
}

TEST(BpeModel, AMergeOfNoTokenIsAnError) {
  Spec spec = byte_spec({{"a", "b"}});
  spec.merges[0].right = 999;
  try {
    const BpeModel model(spec, "some.json");
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("999"));
    EXPECT_EQ(error.where(), "some.json");
  }
}

// What a vocabulary is made of at random: parts of characters too, so that merges cross characters.
const std::vector<std::string> kLetters = {"a", "b", "c", "あ", "い", "語", "é", "😀", "▁"};
const std::vector<std::string> kBytes = {"a",    "b",    "c",    "\xe3", "\x81", "\x82", "\x84",
                                         "\xe8", "\xaa", "\x9e", "\xc3", "\xa9", "\xf0"};

// Merges of tokens that are there, as learning makes them; some texts come from several merges.
void learn_at_random(Spec& spec, Draw& draw, const std::vector<std::string>& letters, size_t merges) {
  std::vector<std::string> made = letters;
  std::map<std::string, int32_t> ids;
  for (size_t id = 0; id < spec.tokens.size(); ++id) {
    if (spec.tokens[id].kind == TokenKind::kNormal)
      ids.emplace(spec.tokens[id].text, static_cast<int32_t>(id));
  }
  std::set<std::pair<int32_t, int32_t>> pairs;
  for (size_t i = 0; i < merges; ++i) {
    const std::string left = made[draw.below(made.size())];
    const std::string right = made[draw.below(made.size())];
    if (left.size() + right.size() > 24 || !pairs.emplace(ids.at(left), ids.at(right)).second) continue;
    const auto [place, fresh] = ids.emplace(left + right, static_cast<int32_t>(spec.tokens.size()));
    if (fresh) {
      spec.tokens.push_back({left + right, 0, TokenKind::kNormal});
      made.push_back(left + right);
    }
    spec.merges.push_back({ids.at(left), ids.at(right), place->second, static_cast<uint32_t>(i)});
  }
}

std::vector<std::string> texts_for(Draw& draw, const Spec& spec, const std::vector<std::string>& letters) {
  std::vector<std::string> parts = letters;
  for (size_t i = 0; i < 20; ++i) {
    const Token& token = spec.tokens[draw.below(spec.tokens.size())];
    if (token.kind == TokenKind::kNormal) parts.push_back(token.text);
  }
  std::vector<std::string> texts;
  for (size_t i = 0; i < 40; ++i)
    texts.push_back(text_of(draw, i % 2 ? parts : letters, draw.below(i < 30 ? 10 : 60)));
  for (size_t size : {100, 200, 400}) texts.push_back(text_of(draw, draw.below(2) ? parts : letters, size));
  std::string repeated;
  const std::string unit = text_of(draw, letters, 1 + draw.below(3));
  while (repeated.size() < 500) repeated += unit;
  texts.push_back(repeated);
  return texts;
}

TEST(BpeEncoder, EqualsTheTextbookOnLearnedVocabularies) {
  for (uint64_t round = 0; round < 60; ++round) {
    Draw draw(round);
    Spec spec = byte_spec({});
    learn_at_random(spec, draw, kBytes, 5 + draw.below(150));
    spec.whole_words = round % 2 == 0;
    if (round % 4 == 0) spec.merges.resize(spec.merges.size() / 2);  // tokens that no merge makes
    ASSERT_NO_FATAL_FAILURE(expect_textbook(spec, texts_for(draw, spec, round % 3 ? kLetters : kBytes)));
  }
}

TEST(BpeEncoder, EqualsTheTextbookOnRankFiles) {
  for (uint64_t round = 0; round < 60; ++round) {
    Draw draw(1000 + round);
    Spec spec = byte_spec({});
    std::set<std::string> fresh;
    for (size_t i = 0; i < 80; ++i)
      fresh.insert(text_of(draw, round % 2 ? kBytes : kLetters, 1 + draw.below(5)));
    std::vector<std::string> tokens(fresh.begin(), fresh.end());
    // In any order, so that ranks are not monotone, or short ones first.
    for (size_t i = tokens.size(); i > 1; --i) std::swap(tokens[i - 1], tokens[draw.below(i)]);
    if (round % 3)
      std::stable_sort(tokens.begin(), tokens.end(), [](auto& a, auto& b) { return a.size() < b.size(); });
    for (const std::string& token : tokens) {
      if (token.size() > 1) spec.tokens.push_back({token, 0, TokenKind::kNormal});
    }
    add_rank_merges(spec);
    spec.whole_words = round % 4 != 0;
    ASSERT_NO_FATAL_FAILURE(expect_textbook(spec, texts_for(draw, spec, round % 2 ? kBytes : kLetters)));
  }
}

TEST(BpeEncoder, EqualsTheTextbookOnCharacters) {
  for (uint64_t round = 0; round < 96; ++round) {
    Draw draw(2000 + round);
    Spec spec;
    spec.byte_level = false;
    spec.fuse_unknown = round & 1;
    spec.byte_fallback = round & 2;
    spec.whole_words = round & 4;
    if (round & 8) {
      spec.tokens.push_back({"<unk>", 0, TokenKind::kUnknown});
      spec.unknown = 0;
    }
    const size_t bytes = round & 16 ? 256 : 0xe4;  // some bytes without token
    for (size_t byte = 0; byte < bytes; ++byte) {
      char name[8];
      std::snprintf(name, sizeof name, "<0x%02X>", static_cast<unsigned>(byte));
      spec.tokens.push_back({name, 0, TokenKind::kByte});
    }
    std::vector<std::string> letters;
    for (const std::string& letter : kLetters) {
      if (draw.below(4) == 0) continue;
      letters.push_back(letter);
      spec.tokens.push_back({letter, 0, TokenKind::kNormal});
    }
    if (letters.empty()) continue;
    learn_at_random(spec, draw, letters, 5 + draw.below(80));
    ASSERT_NO_FATAL_FAILURE(expect_textbook(spec, texts_for(draw, spec, kLetters)));
  }
}

TEST(BpeEncoder, EqualsTheTextbookOnIrregularModels) {
  for (uint64_t round = 0; round < 30; ++round) {
    Draw draw(3000 + round);
    Spec spec = byte_spec({});
    learn_at_random(spec, draw, kBytes, 5 + draw.below(60));
    for (MergeRule& rule : spec.merges) {
      if (round % 3 == 0) rule.rank /= 4;                                       // equal ranks
      if (round % 3 == 1) rule.rank = static_cast<uint32_t>(draw.below(1000));  // any ranks
    }
    // Two tokens of one text.
    if (round % 3 == 2) spec.tokens.push_back({spec.tokens.back().text, 0, TokenKind::kNormal});
    ASSERT_NO_FATAL_FAILURE(expect_textbook(spec, texts_for(draw, spec, kLetters)));
  }
}

TEST(BpeEncoder, EqualsTheTextbookOnARealVocabulary) {
  const Spec spec = shared_rank_file("cl100k_base");
  if (spec.tokens.empty())
    GTEST_SKIP() << "no ../shared/data/tokenizer/cl100k_base.tiktoken beside the checkout";
  Draw draw(7);
  std::vector<std::string> texts;
  const std::vector<std::string> kana = {"の",   "を", "は", "た", "し", "て", "い", "日本", "語",
                                         "処理", "ー", "ン", "ス", "ド", "か", "ら", "。"};
  const std::vector<std::string> dna = {"A", "C", "G", "T"};
  const std::vector<std::string> spaces = {" ", "\n", "\t", "  ", "    "};
  const std::vector<std::string> emoji = {"👨", "‍", "👩", "👧", "😀", "🏽", "❤️"};
  for (const auto& parts : {kana, dna, spaces, emoji, kLetters}) {
    for (size_t i = 0; i < 60; ++i) texts.push_back(text_of(draw, parts, 1 + draw.below(i < 50 ? 40 : 700)));
  }
  std::vector<std::string> tokens;
  for (const Token& token : spec.tokens) tokens.push_back(token.text);
  std::vector<std::string> bytes;
  for (int byte = 0; byte < 256; ++byte) bytes.emplace_back(1, static_cast<char>(byte));
  for (size_t i = 0; i < 400; ++i)
    texts.push_back(text_of(draw, i % 2 ? tokens : bytes, 1 + draw.below(i < 380 ? 8 : 100)));
  for (const char unit : {'a', ' ', '=', '\0', '\xff'}) texts.emplace_back(1500, unit);
  expect_textbook(spec, texts);
}

TEST(BpeEncoder, TimeIsLinearInOneWord) {
  std::vector<std::pair<std::string, std::string>> merges = {{"a", "b"}, {"b", "a"}};
  for (size_t size = 1; size <= 64; size *= 2)
    merges.emplace_back(std::string(size, 'a'), std::string(size, 'a'));
  const Spec spec = byte_spec(merges);
  EXPECT_EQ(encode(spec, std::string(4'000'000, 'a')).size(), 4'000'000u / 128);
}

}  // namespace
}  // namespace aurora::tokenizer
