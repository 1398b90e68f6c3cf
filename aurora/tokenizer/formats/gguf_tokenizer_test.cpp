#include "aurora/tokenizer/formats/gguf_tokenizer.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "aurora/base/error.h"
#include "aurora/tokenizer/encoder.h"
#include "aurora/tokenizer/formats/gguf_keys.h"
#include "aurora/tokenizer/test_specs.h"
#include "aurora/tokenizer/tokenizer.h"
#include "aurora/tokenizer/trained_spec.h"

namespace aurora::tokenizer {
namespace {

using format::GgufArray;
using format::GgufMetadata;
using Texts = std::vector<std::string>;

// All bytes, "lo", "low" and two special tokens; cut as `scheme` does.
Spec byte_level(const std::string& scheme) {
  std::vector<std::string> tokens;
  for (int byte = 0; byte < 256; ++byte) tokens.emplace_back(1, static_cast<char>(byte));
  tokens.emplace_back("lo");
  tokens.emplace_back("low");
  const std::vector<std::pair<int32_t, int32_t>> merges = {{'l', 'o'}, {256, 'w'}};
  return spec_of_trained_bpe(tokens, merges, {"<|endoftext|>", "<|im_end|>"}, scheme);
}

GgufMetadata written(const Spec& spec, int64_t vocabulary) {
  GgufMetadata metadata("m.gguf");
  write_gguf_tokenizer(spec, vocabulary, metadata);
  return metadata;
}

std::string refusal(const GgufMetadata& metadata) {
  try {
    read_gguf_tokenizer(metadata);
  } catch (const Error& error) {
    return error.where() + ": " + error.happened();
  }
  return "";
}

// `metadata` with one key given another value (or, without a value, left out).
GgufMetadata with(const GgufMetadata& metadata, const std::string& key,
                  std::optional<format::GgufValue> value) {
  GgufMetadata changed("m.gguf");
  for (const auto& [name, old] : metadata.entries())
    if (name != key) changed.set(name, old);
  if (value) changed.set(key, *value);
  return changed;
}

TEST(GgufTokenizer, ByteLevelIsWrittenAsLlamaCppNamesItAndReadBackEqual) {
  Spec spec = byte_level("smollm");
  spec.chat_template = "{{ messages }}";
  const GgufMetadata metadata = written(spec, 260);
  EXPECT_EQ(*metadata.text(gguf::kModel), "gpt2");
  EXPECT_EQ(*metadata.text(gguf::kPre), "smollm");
  EXPECT_EQ((*metadata.texts(gguf::kTokens))[' '], "\xc4\xa0");
  EXPECT_EQ((*metadata.texts(gguf::kTokens))[257], "low");
  EXPECT_EQ(*metadata.texts(gguf::kMerges), (Texts{"l o", "lo w"}));
  EXPECT_EQ((*metadata.integers(gguf::kTypes))[258], gguf::kControl);
  EXPECT_EQ(metadata.integer(gguf::kEnd), 258);
  EXPECT_EQ(metadata.find(gguf::kHuggingFace), nullptr);
  EXPECT_EQ(read_gguf_tokenizer(metadata), spec);
}

TEST(GgufTokenizer, WhatFillsUpTheTableIsUnusedAndGone) {
  const GgufMetadata metadata = written(byte_level("gpt2"), 264);
  EXPECT_EQ(metadata.texts(gguf::kTokens)->size(), 264u);
  EXPECT_EQ((*metadata.integers(gguf::kTypes))[263], gguf::kUnused);
  EXPECT_EQ(read_gguf_tokenizer(metadata).tokens.size(), 260u);
}

TEST(GgufTokenizer, EverySchemeOfTheTableComesBackWithItsFlags) {
  for (const gguf::Pre& pre : gguf::kPres) {
    Spec spec = byte_level(pre.scheme);
    spec.whole_words = pre.whole_words;
    if (pre.nfc) spec.normalizers = {Normalizer{}};
    const GgufMetadata metadata = written(spec, 260);
    EXPECT_EQ(read_gguf_tokenizer(metadata), spec) << pre.name;
    EXPECT_EQ(read_gguf_tokenizer(with(metadata, gguf::kPre, std::string(pre.name))).pretokenizers,
              spec.pretokenizers);
  }
}

// Qwen2's pattern without its normalizer, as our own tokenizers have it.
TEST(GgufTokenizer, WhatTheNamesCannotSayTravelsAsTokenizerJson) {
  Spec spec = byte_level("qwen2");
  spec.added[1].strip_left = true;
  const GgufMetadata metadata = written(spec, 260);
  EXPECT_NE(metadata.find(gguf::kHuggingFace), nullptr);
  EXPECT_EQ(read_gguf_tokenizer(metadata), spec);
}

TEST(GgufTokenizer, TheTokenizersOfTextsBeginAndEndAreKept) {
  Spec spec = byte_level("llama3");
  spec.whole_words = true;
  spec.begin_of_document = 259;
  using Kind = TemplatePiece::Kind;
  spec.single = {{Kind::kToken, 259, 0}, {Kind::kFirst, 0, 0}};
  spec.pair = {{Kind::kToken, 259, 0}, {Kind::kFirst, 0, 0}, {Kind::kToken, 259, 1}, {Kind::kSecond, 0, 1}};
  EXPECT_EQ(read_gguf_tokenizer(written(spec, 260)), spec);
  // Llama 3's begin is there unless the file says otherwise.
  EXPECT_EQ(read_gguf_tokenizer(with(written(spec, 260), gguf::kAddBegin, std::nullopt)), spec);
  EXPECT_TRUE(read_gguf_tokenizer(with(written(spec, 260), gguf::kAddBegin, false)).single.empty());
}

// <unk> <s> </s>, bytes, and pieces of which "▁ab" is the best.
GgufMetadata sentencepiece() {
  Texts texts = {"<unk>", "<s>", "</s>"};
  std::vector<int32_t> types = {2, 3, 3};
  std::vector<float> scores = {0, 0, 0};
  Spec bytes;
  add_bytes(bytes);
  for (const Token& token : bytes.tokens) {
    texts.push_back(token.text);
    types.push_back(6);
    scores.push_back(0);
  }
  for (const char* piece : {"\xe2\x96\x81", "a", "b", "ab",
                            "\xe2\x96\x81"
                            "ab"}) {
    texts.emplace_back(piece);
    types.push_back(1);
    scores.push_back(texts.size() < 263 ? -9.0f : -static_cast<float>(texts.size() - 262));
  }
  texts.emplace_back("[PAD264]");
  types.push_back(5);
  scores.push_back(-1000);
  GgufMetadata metadata("m.gguf");
  metadata.set(gguf::kModel, std::string("llama"));
  metadata.set(gguf::kTokens, GgufArray{texts});
  metadata.set(gguf::kTypes, GgufArray{types});
  metadata.set(gguf::kScores, GgufArray{scores});
  metadata.set(gguf::kBegin, uint32_t{1});
  metadata.set(gguf::kEnd, uint32_t{2});
  return metadata;
}

TEST(GgufTokenizer, SentencePieceMergesByScoreAndFallsBackToBytes) {
  const Tokenizer tokenizer(read_gguf_tokenizer(sentencepiece()));
  EXPECT_EQ(tokenizer.vocab_size(), 264);
  EXPECT_EQ(tokenizer.encode("ab b"), (std::vector<int32_t>{263, 259, 261}));
  EXPECT_EQ(tokenizer.encode("\n"), (std::vector<int32_t>{259, 3 + '\n'}));
  EXPECT_EQ(tokenizer.decode(std::vector<int32_t>{263, 259, 261}), "ab b");
  EXPECT_EQ(tokenizer.end_of_document(), 2);
  ASSERT_EQ(tokenizer.spec().single.size(), 2u);
  EXPECT_EQ(tokenizer.spec().single[0].id, 1);
}

TEST(GgufTokenizer, SentencePieceIsWrittenAndReadBackEqual) {
  const Spec spec = read_gguf_tokenizer(sentencepiece());
  const GgufMetadata metadata = written(spec, 265);
  EXPECT_EQ(metadata.find(gguf::kHuggingFace), nullptr);
  EXPECT_EQ(read_gguf_tokenizer(metadata), spec);
}

TEST(GgufTokenizer, WhatIsWrongIsNamedByItsKey) {
  const GgufMetadata good = written(byte_level("gpt2"), 260);
  EXPECT_EQ(refusal(good), "");
  EXPECT_EQ(
      refusal(with(good, gguf::kModel, std::string("bert"))),
      "m.gguf, key tokenizer.ggml.model: tokenizers of kind 'bert' are not supported; gpt2 and llama are");
  EXPECT_EQ(refusal(with(good, gguf::kPre, std::string("default"))),
            "m.gguf, key tokenizer.ggml.pre: words cut as 'default' does are not supported");
  EXPECT_EQ(refusal(with(good, gguf::kPre, std::nullopt)),
            "m.gguf, key tokenizer.ggml.pre: the file does not say how words are cut");
  EXPECT_EQ(refusal(with(good, gguf::kMerges, GgufArray{Texts{"l q"}})),
            "m.gguf, key tokenizer.ggml.merges: merge 0 joins no two tokens to a third");
  EXPECT_EQ(refusal(with(good, gguf::kEnd, uint32_t{260})),
            "m.gguf, key tokenizer.ggml.eos_token_id: 260 is no token; there are 260");
  EXPECT_EQ(refusal(with(good, gguf::kTypes, GgufArray{std::vector<int32_t>{1}})),
            "m.gguf, key tokenizer.ggml.token_type: 1 types of 260 tokens");
  EXPECT_EQ(refusal(with(sentencepiece(), gguf::kScores, std::nullopt)),
            "m.gguf, key tokenizer.ggml.scores: there must be one for each token");
}

TEST(GgufTokenizer, AnswersEndWithAllThatModelsEndTheirTurnsWith) {
  const Spec spec = byte_level("gpt2");
  GgufMetadata metadata = written(spec, 260);
  EXPECT_EQ(gguf_end_tokens(metadata, spec), (std::vector<int64_t>{258, 258, 259}));
  write_gguf_end_tokens({258, 7}, metadata);
  EXPECT_EQ(gguf_end_tokens(metadata, spec), (std::vector<int64_t>{258, 7, 258, 259}));
}

}  // namespace
}  // namespace aurora::tokenizer
