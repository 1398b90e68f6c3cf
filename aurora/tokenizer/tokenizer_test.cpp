#include "aurora/tokenizer/tokenizer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "aurora/base/error.h"
#include "aurora/base/random.h"
#include "aurora/base/utf8.h"
#include "aurora/pretokenize/scheme.h"
#include "aurora/tokenizer/decode.h"
#include "aurora/tokenizer/encoder.h"
#include "aurora/tokenizer/trained_spec.h"

namespace aurora::tokenizer {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

struct Vocabulary {
  std::vector<std::string> tokens;
  std::vector<std::pair<int32_t, int32_t>> merges;
  std::vector<std::string> special_tokens;
};
Tokenizer tokenizer_of(const Vocabulary& vocabulary) {
  return Tokenizer(spec_of_trained_bpe(vocabulary.tokens, vocabulary.merges, vocabulary.special_tokens));
}

// 256 bytes, then merges given by the joined bytes of two tokens.
Vocabulary vocabulary_of(const std::vector<std::pair<std::string, std::string>>& merges) {
  Vocabulary vocabulary;
  for (int byte = 0; byte < 256; ++byte) vocabulary.tokens.emplace_back(1, static_cast<char>(byte));
  const auto id = [&](const std::string& bytes) {
    return static_cast<int32_t>(std::find(vocabulary.tokens.begin(), vocabulary.tokens.end(), bytes) -
                                vocabulary.tokens.begin());
  };
  for (const auto& [left, right] : merges) {
    vocabulary.merges.emplace_back(id(left), id(right));
    if (id(left + right) == static_cast<int32_t>(vocabulary.tokens.size()))
      vocabulary.tokens.push_back(left + right);
  }
  vocabulary.special_tokens = {"<|endoftext|>", "<|end|>"};
  return vocabulary;
}

Vocabulary small_vocabulary() {
  return vocabulary_of({{"h", "e"},
                        {"l", "l"},
                        {"he", "ll"},
                        {"hell", "o"},
                        {" ", "w"},
                        {"a", "a"},
                        {"aa", "aa"},
                        {"\xe8", "\xaa"},
                        {"\xe8\xaa", "\x9e"},
                        {"b", "aa"}});
}
Tokenizer small() {
  return tokenizer_of(small_vocabulary());
}

TEST(Tokenizer, MergesByRankFromTheLeft) {
  const Tokenizer tokenizer = small();
  EXPECT_THAT(tokenizer.encode("hello w"), ElementsAre(259, 260));
  EXPECT_THAT(tokenizer.encode("ell"), ElementsAre('e', 257));
  EXPECT_THAT(tokenizer.encode("aaaaa"), ElementsAre(262, 'a'));
  EXPECT_THAT(tokenizer.encode("baaa"), ElementsAre(265, 'a'));
  EXPECT_THAT(tokenizer.encode("語"), ElementsAre(264));
  EXPECT_THAT(tokenizer.encode(""), ElementsAre());
}

TEST(Tokenizer, SpecialTokensFollowAllOthers) {
  const Tokenizer tokenizer = small();
  EXPECT_EQ(tokenizer.vocab_size(), 268);
  EXPECT_EQ(tokenizer.end_of_document(), 266);
  EXPECT_EQ(tokenizer.special_id("<|end|>"), 267);
  EXPECT_EQ(tokenizer.special_id("<|none|>"), -1);
  EXPECT_TRUE(tokenizer.is_special(266));
  EXPECT_FALSE(tokenizer.is_special(265));
  EXPECT_EQ(tokenizer.token(267), "<|end|>");
}

TEST(Encoder, SpecialTokensInTextAreTextUnlessParsed) {
  const Tokenizer tokenizer = small();
  const std::string text = "a<|endoftext|><|end|>a<|end";
  EXPECT_EQ(tokenizer.decode(tokenizer.encode(text)), text);
  for (const int32_t id : tokenizer.encode(text)) EXPECT_FALSE(tokenizer.is_special(id));
  std::vector<int32_t> ids;
  Encoder(tokenizer).encode(text, ids, Specials::kParse);
  EXPECT_THAT(ids, ElementsAre('a', 266, 267, 'a', '<', '|', 'e', 'n', 'd'));
}

TEST(Encoder, OfTwoSpecialTokensAtOnePlaceTheLongerCounts) {
  Vocabulary vocabulary = vocabulary_of({});
  vocabulary.special_tokens = {"<a", "<a>"};
  const Tokenizer tokenizer = tokenizer_of(vocabulary);
  std::vector<int32_t> ids;
  Encoder(tokenizer).encode("<a><a", ids, Specials::kParse);
  EXPECT_THAT(ids, ElementsAre(257, 256));
}

// Word by word, with the definition: lowest rank anywhere, leftmost first.
std::vector<int32_t> slow_encode(const Tokenizer& tokenizer, std::string_view text) {
  std::map<std::pair<int32_t, int32_t>, MergeRule> merges;
  for (const MergeRule& merge : tokenizer.spec().merges) merges[{merge.left, merge.right}] = merge;
  std::vector<int32_t> all;
  for (size_t at = 0; at < text.size();) {
    uint32_t end = 0;
    pretokenize::find_scheme("qwen2")->cut_reference(text, at, std::span(&end, 1));
    std::vector<int32_t> ids;
    for (; at < end; ++at) ids.push_back(static_cast<uint8_t>(text[at]));
    while (true) {
      const MergeRule* best = nullptr;
      size_t place = 0;
      for (size_t i = 0; i + 1 < ids.size(); ++i) {
        const auto here = merges.find({ids[i], ids[i + 1]});
        if (here == merges.end() || (best && here->second.rank >= best->rank)) continue;
        best = &here->second;
        place = i;
      }
      if (!best) break;
      ids[place] = best->result;
      ids.erase(ids.begin() + static_cast<ptrdiff_t>(place) + 1);
    }
    all.insert(all.end(), ids.begin(), ids.end());
  }
  return all;
}

TEST(Encoder, EqualsTheDefinitionAndComesBackForAnyBytes) {
  const Tokenizer tokenizer = small();
  Encoder encoder(tokenizer);
  const RandomKey key = random_key(3, Purpose::kTest);
  std::vector<int32_t> ids;
  for (uint64_t round = 0; round < 100'000; ++round) {
    const uint64_t base = round << 8;
    std::string text;
    const uint64_t length = random_below(base, key, round % 100 == 0 ? 200 : 12);
    for (uint64_t i = 0; i < length; ++i) {
      const uint64_t draw = random_u64(base + 1 + i, key);
      // Half of the texts are any bytes, half of them letters of the merges.
      text += round % 2 ? static_cast<char>(draw) : "helloaab w\xe8\xaa\x9e"[draw % 13];
    }
    ids.clear();
    encoder.encode(text, ids);
    ASSERT_EQ(ids, slow_encode(tokenizer, text)) << round;
    ASSERT_EQ(tokenizer.decode(ids), text);
  }
}

TEST(Encoder, LongWordsGoThroughTheHeapAndAgree) {
  const Tokenizer tokenizer = small();
  const RandomKey key = random_key(4, Purpose::kTest);
  for (uint64_t round = 0; round < 50; ++round) {
    std::string text;
    const uint64_t length = 60 + random_below(round << 12, key, 400);
    for (uint64_t i = 0; i < length; ++i) text += "helloab"[random_below((round << 12) + 1 + i, key, 7)];
    EXPECT_EQ(tokenizer.encode(text), slow_encode(tokenizer, text));
  }
  const std::string huge(2'000'000, 'a');
  EXPECT_EQ(tokenizer.encode(huge).size(), 500'000u);  // and not in quadratic time
}

TEST(StreamDecoder, NeverGivesHalfACharacter) {
  Vocabulary vocabulary = vocabulary_of({});
  const Tokenizer tokenizer = tokenizer_of(vocabulary);
  StreamDecoder decoder(tokenizer);
  EXPECT_EQ(decoder.push('a'), "a");
  EXPECT_EQ(decoder.push(0xe8), "");
  EXPECT_EQ(decoder.push(tokenizer.end_of_document()), "");
  EXPECT_EQ(decoder.push(0xaa), "");
  EXPECT_EQ(decoder.push(0x9e), "語");
  EXPECT_EQ(decoder.push(0xff), "\ufffd");
  EXPECT_EQ(decoder.push(0xe8), "");
  EXPECT_EQ(decoder.push('b'),
            "\ufffd"
            "b");
  EXPECT_EQ(decoder.push(0xe8), "");
  EXPECT_EQ(decoder.finish(), "\ufffd");
  EXPECT_EQ(decoder.finish(), "");
}

TEST(StreamDecoder, PiecesJoinToTheRepairedWhole) {
  const Tokenizer tokenizer = tokenizer_of(vocabulary_of({}));
  const RandomKey key = random_key(5, Purpose::kTest);
  const std::string alphabet = "a\xe8\xaa\x9e\xf0\x9f\x98\x80\xff\xc3\xa9";
  for (uint64_t round = 0; round < 2000; ++round) {
    StreamDecoder decoder(tokenizer);
    std::string bytes;
    std::string text;
    for (uint64_t i = 0; i < 12; ++i) {
      bytes += alphabet[random_below(round << 8 | i, key, alphabet.size())];
      text += decoder.push(static_cast<uint8_t>(bytes.back()));
      ASSERT_TRUE(is_valid_utf8(text));
    }
    text += decoder.finish();
    ASSERT_EQ(text, repair_utf8(bytes));
  }
}

TEST(TokenizerJson, ComesBackWhole) {
  const Tokenizer tokenizer = small();
  const Tokenizer again = Tokenizer::from_json(tokenizer.to_json(), "test");
  EXPECT_EQ(again.spec(), tokenizer.spec());
  EXPECT_EQ(again.fingerprint(), tokenizer.fingerprint());
  EXPECT_EQ(again.to_json(), tokenizer.to_json());
}

TEST(TokenizerJson, FingerprintsTellVocabulariesApart) {
  const std::string first = small().fingerprint();
  EXPECT_EQ(first.size(), 32u);
  Vocabulary other = small_vocabulary();
  std::swap(other.merges[0], other.merges[1]);
  EXPECT_NE(tokenizer_of(other).fingerprint(), first);
  other = small_vocabulary();
  other.special_tokens.pop_back();
  EXPECT_NE(tokenizer_of(other).fingerprint(), first);
}

std::string message_of(const std::string& from, const std::string& to) {
  std::string json = small().to_json();
  const size_t at = json.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  json.replace(at, from.size(), to);
  try {
    Tokenizer::from_json(json, "some/tokenizer.json");
  } catch (const Error& error) {
    EXPECT_THAT(error.where(), HasSubstr("some/tokenizer.json"));
    return error.what();
  }
  return "no error";
}

TEST(TokenizerJson, EveryContradictionIsAClearError) {
  EXPECT_THAT(message_of("\"BPE\"", "\"WordPiece\""), HasSubstr("WordPiece"));
  EXPECT_THAT(message_of("\"hell\": 258", "\"hell\": 259"), HasSubstr("twice"));
  EXPECT_THAT(message_of("\"hell\": 258", "\"hell\": 99999999"), HasSubstr("outside"));
  EXPECT_THAT(message_of("\"hell\": 258,", ""), HasSubstr("`tokenizers` gives it 265"));
  EXPECT_THAT(message_of("\"aa\": 261", "\"a a\": 261"), HasSubstr("join to no token"));
  EXPECT_THAT(message_of("\"he ll\"", "\"he lx\""), HasSubstr("merge 2"));
  EXPECT_THAT(message_of("\"he ll\"", "\"ll he\""), HasSubstr("join to no token"));
  EXPECT_THAT(message_of("\"he ll\"", "\"h e\""), HasSubstr("twice"));
  EXPECT_THAT(message_of("\"he ll\"", "7"), HasSubstr("merge 2"));
  EXPECT_THAT(message_of("\"id\": 266", "\"id\": 300"), HasSubstr("`tokenizers` gives it 266"));
  EXPECT_THAT(message_of("\\\\p{N}|", "\\\\p{N}{1,4}|"), HasSubstr("no scheme of this program"));
  EXPECT_THAT(message_of("\"model\"", "\"modem\""), HasSubstr("\"model\" is missing"));
  EXPECT_THAT(message_of("{", "["), HasSubstr("JSON"));
}

TEST(TokenizerJson, ReadsMergesAsPairsToo) {
  std::string json = small().to_json();
  json.replace(json.find("\"he ll\""), 7, "[\"he\", \"ll\"]");
  EXPECT_EQ(Tokenizer::from_json(json, "test").fingerprint(), small().fingerprint());
}

TEST(Tokenizer, AByteWithoutTokenIsRefused) {
  Vocabulary vocabulary = vocabulary_of({});
  vocabulary.tokens[200] = "xyz";
  EXPECT_THROW(tokenizer_of(vocabulary), Error);
}

}  // namespace
}  // namespace aurora::tokenizer
