#include "aurora/tokenizer/formats/tokenizer_json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "aurora/base/error.h"
#include "aurora/tokenizer/formats/byte_alphabet.h"
#include "aurora/tokenizer/tokenizer.h"

namespace aurora::tokenizer {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using Json = nlohmann::ordered_json;

// A tokenizer.json of bytes, "lo", "low" and the special token <|end|>.
Json byte_level() {
  Json json = Json::parse(R"({"version": "1.0", "truncation": null, "padding": null,
    "added_tokens": [{"id": 258, "content": "<|end|>", "single_word": false, "lstrip": false, "rstrip": false,
                      "normalized": false, "special": true}],
    "normalizer": null,
    "pre_tokenizer": {"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true, "use_regex": true},
    "post_processor": {"type": "ByteLevel", "add_prefix_space": true, "trim_offsets": false, "use_regex": true},
    "decoder": {"type": "ByteLevel", "add_prefix_space": true, "trim_offsets": true, "use_regex": true},
    "model": {"type": "BPE", "merges": ["l o", "lo w"]}})");
  for (int byte = 0; byte < 256; ++byte) {
    json["model"]["vocab"][write_byte_alphabet(std::string(1, static_cast<char>(byte)))] = byte;
  }
  json["model"]["vocab"]["lo"] = 256;
  json["model"]["vocab"]["low"] = 257;
  return json;
}

// Pieces with byte fallback as Llama 2 has them: <unk>, <s>, 256 bytes, "_", "l", "o", "_l", "_lo".
Json characters() {
  Json json = Json::parse(R"({"version": "1.0",
    "added_tokens": [{"id": 0, "content": "<unk>", "special": true}, {"id": 1, "content": "<s>", "special": true}],
    "normalizer": {"type": "Sequence", "normalizers": [{"type": "Prepend", "prepend": "▁"},
                   {"type": "Replace", "pattern": {"String": " "}, "content": "▁"}]},
    "post_processor": {"type": "TemplateProcessing",
      "single": [{"SpecialToken": {"id": "<s>", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}}],
      "pair": [{"Sequence": {"id": "A", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 1}}],
      "special_tokens": {"<s>": {"id": "<s>", "ids": [1], "tokens": ["<s>"]}}},
    "decoder": {"type": "Sequence", "decoders": [{"type": "Replace", "pattern": {"String": "▁"}, "content": " "},
      {"type": "ByteFallback"}, {"type": "Fuse"}, {"type": "Strip", "content": " ", "start": 1, "stop": 0}]},
    "model": {"type": "BPE", "unk_token": "<unk>", "fuse_unk": true, "byte_fallback": true,
              "merges": [["▁", "l"], ["▁l", "o"]]}})");
  Json& vocab = json["model"]["vocab"];
  vocab["<unk>"] = 0;
  vocab["<s>"] = 1;
  char name[8];
  for (int byte = 0; byte < 256; ++byte) {
    std::snprintf(name, sizeof name, "<0x%02X>", byte);
    vocab[name] = 2 + byte;
  }
  for (const char* text : {"▁", "l", "o", "▁l", "▁lo"}) {
    const size_t id = vocab.size();
    vocab[text] = id;
  }
  return json;
}

Json unigram() {
  return Json::parse(R"({"added_tokens": [{"id": 0, "content": "</s>", "special": true}],
    "normalizer": {"type": "Sequence", "normalizers": [{"type": "NFKC"},
      {"type": "Replace", "pattern": {"Regex": " {2,}"}, "content": " "}]},
    "pre_tokenizer": {"type": "Metaspace", "replacement": "▁", "add_prefix_space": true},
    "decoder": {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "always", "split": true},
    "model": {"type": "Unigram", "unk_id": 1, "vocab": [["</s>", 0.0], ["<unk>", 0.0], ["▁", -2.0], ["l", -3.5],
      ["o", -3.25], ["▁lo", -4.0]]}})");
}

Spec read(const Json& json) {
  Spec spec = read_tokenizer_json(json.dump(), "t.json");
  Tokenizer checked(spec, "t.json");
  return spec;
}

std::string error_of(const Json& json) {
  try {
    read(json);
  } catch (const Error& error) {
    EXPECT_THAT(error.where(), HasSubstr("t.json"));
    return error.what();
  }
  return "no error";
}

TEST(ByteAlphabet, SpellsBytesAsGpt2) {
  EXPECT_EQ(write_byte_alphabet(" a\n\xff"), "\u0120a\u010a\u00ff");
  std::string bytes;
  EXPECT_TRUE(read_byte_alphabet("\u0120a\u010a\u00ff", bytes));
  EXPECT_EQ(bytes, " a\n\xff");
  for (const char* wrong : {" ", "\u0144", "\u3042", "\xc4"}) EXPECT_FALSE(read_byte_alphabet(wrong, bytes));
}

TEST(TokenizerJsonFormat, ReadsByteLevelBpe) {
  const Spec spec = read(byte_level());
  EXPECT_TRUE(spec.byte_level);
  EXPECT_EQ(spec.tokens[' '].text, " ");
  EXPECT_EQ(spec.tokens[258].kind, TokenKind::kAdded);
  EXPECT_EQ(spec.pretokenizers.at(0).scheme, "gpt2");
  EXPECT_THAT(spec.merges, ElementsAre(MergeRule{'l', 'o', 256, 0}, MergeRule{256, 'w', 257, 1}));
  EXPECT_TRUE(spec.single.empty());
  EXPECT_EQ(spec.end_of_document, -1);  // the file does not say it
  EXPECT_THAT(Tokenizer(spec).encode("low<|end|>").front(), 257);
}

TEST(TokenizerJsonFormat, ReadsPiecesWithByteFallback) {
  const Spec spec = read(characters());
  EXPECT_FALSE(spec.byte_level);
  EXPECT_EQ(spec.tokens[0].kind, TokenKind::kUnknown);
  EXPECT_EQ(spec.tokens[1].kind, TokenKind::kAdded);
  EXPECT_EQ(spec.tokens[2].kind, TokenKind::kByte);
  EXPECT_EQ(spec.tokens[258].text, "▁");
  EXPECT_EQ(spec.single.size(), 2u);
  EXPECT_EQ(spec.single[0].id, 1);
  const Tokenizer tokenizer(spec);
  EXPECT_THAT(tokenizer.encode("lo l\n"), ElementsAre(262, 261, 2 + '\n'));
  EXPECT_EQ(tokenizer.decode({{262, 261, 2 + '\n'}}), "lo l\n");
}

TEST(TokenizerJsonFormat, ReadsUnigram) {
  const Spec spec = read(unigram());
  EXPECT_EQ(spec.model, ModelKind::kUnigram);
  EXPECT_EQ(spec.unknown, 1);
  EXPECT_EQ(spec.tokens[3].score, -3.5);
  EXPECT_EQ(spec.pretokenizers.at(0).prepend, PretokenStep::Prepend::kAlways);
  EXPECT_THAT(Tokenizer(spec).encode("lo  l"), ElementsAre(5, 2, 3));
}

TEST(TokenizerJsonFormat, EveryKindComesBackWhole) {
  for (const Json& json : {byte_level(), characters(), unigram()}) {
    const Spec spec = read(json);
    EXPECT_EQ(read(Json::parse(write_tokenizer_json(spec))), spec);
  }
  Json json = byte_level();
  json["added_tokens"][0]["lstrip"] = true;
  json["added_tokens"].push_back({{"id", 259}, {"content", " x"}, {"special", false}, {"normalized", true}});
  json["normalizer"] =
      Json::parse(R"({"type": "Sequence", "normalizers": [{"type": "NFC"}, {"type": "Lowercase"},
    {"type": "Strip", "strip_left": true, "strip_right": false}]})");
  json["pre_tokenizer"] = Json::parse(R"({"type": "Sequence", "pretokenizers": [
    {"type": "Digits", "individual_digits": true},
    {"type": "ByteLevel", "add_prefix_space": true, "trim_offsets": true, "use_regex": true}]})");
  json["model"]["ignore_merges"] = true;
  const Spec spec = read(json);
  EXPECT_TRUE(spec.whole_words && spec.added[0].strip_left && spec.added[1].normalized);
  EXPECT_EQ(spec.pretokenizers.at(1).prepend, PretokenStep::Prepend::kAlways);
  EXPECT_EQ(read(Json::parse(write_tokenizer_json(spec))), spec);
}

// `tokenizers` counts on from the size of the vocabulary, so tokens elsewhere must stand in it.
TEST(TokenizerJsonFormat, AddedTokensAreWrittenSoThatTheyKeepTheirIds) {
  Json json = byte_level();
  EXPECT_FALSE(Json::parse(write_tokenizer_json(read(json)))["model"]["vocab"].contains("<|end|>"));
  json["model"]["vocab"]["<|end|>"] = 300;
  json["added_tokens"][0]["id"] = 300;
  const Spec spec = read(json);
  EXPECT_EQ(spec.tokens.size(), 301u);
  EXPECT_EQ(spec.tokens[299].kind, TokenKind::kHole);
  EXPECT_EQ(Json::parse(write_tokenizer_json(spec))["model"]["vocab"]["<|end|>"], 300);
}

TEST(TokenizerJsonFormat, KnowsTheWaysThatFilesSayAScheme) {
  const std::string qwen2 =
      R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|)"
      R"(\s*[\r\n]+|\s+(?!\S)|\s+)";
  const Json bytes = {{"type", "ByteLevel"}, {"add_prefix_space", false}, {"use_regex", false}};
  const auto with = [&](const char* behavior, bool invert, const std::string& regex) {
    Json json = byte_level();
    const Json split = {
        {"type", "Split"}, {"pattern", {{"Regex", regex}}}, {"behavior", behavior}, {"invert", invert}};
    json["pre_tokenizer"] = {{"type", "Sequence"}, {"pretokenizers", {split, bytes}}};
    return json;
  };
  EXPECT_EQ(read(with("Isolated", false, qwen2)).pretokenizers.at(0).scheme, "qwen2");
  EXPECT_EQ(read(with("Removed", true, qwen2)).pretokenizers.at(0).scheme, "qwen2");
  EXPECT_THAT(error_of(with("Removed", false, qwen2)), HasSubstr("behavior Removed"));
  EXPECT_THAT(error_of(with("Removed", true, "\\p{N}{1,3}")), HasSubstr("behavior Removed and invert"));
  EXPECT_THAT(error_of(with("Isolated", false, "a+")),
              HasSubstr("pre_tokenizer.pretokenizers[0]: no scheme"));
  // Gemma splits at spaces of which its normalizer leaves none.
  Json gemma = characters();
  gemma["normalizer"] = {{"type", "Replace"}, {"pattern", {{"String", " "}}}, {"content", "▁"}};
  gemma["pre_tokenizer"] = {{"type", "Split"},
                            {"pattern", {{"String", " "}}},
                            {"behavior", "MergedWithPrevious"},
                            {"invert", false}};
  EXPECT_TRUE(read(gemma).pretokenizers.empty());
  gemma["normalizer"] = nullptr;
  EXPECT_THAT(error_of(gemma), HasSubstr("a Split at the text"));
}

// Each key set to what is not known; the error names path and what it is.
TEST(TokenizerJsonFormat, WhatASpecCannotSayIsRefusedByName) {
  const auto with = [](const char* pointer, const Json& value) {
    Json json = byte_level();
    json[Json::json_pointer(pointer)] = value;
    return error_of(json);
  };
  EXPECT_THAT(with("/truncation", {{"max_length", 5}}), HasSubstr("t.json, truncation"));
  EXPECT_THAT(with("/padding", {{"strategy", "Fixed"}}), HasSubstr("t.json, padding"));
  EXPECT_THAT(with("/model/dropout", 0.1), HasSubstr("model.dropout"));
  EXPECT_EQ(with("/model/dropout", 0.0), "no error");
  EXPECT_THAT(with("/model/continuing_subword_prefix", "##"), HasSubstr("continuing_subword_prefix"));
  EXPECT_THAT(with("/model/end_of_word_suffix", "</w>"), HasSubstr("end_of_word_suffix"));
  EXPECT_EQ(with("/model/end_of_word_suffix", ""), "no error");
  EXPECT_THAT(with("/model/type", "WordPiece"), HasSubstr("WordPiece"));
  EXPECT_THAT(with("/model/unk_token", "<x>"), HasSubstr("<x>"));
  EXPECT_THAT(with("/model/byte_fallback", true), HasSubstr("byte_fallback"));
  EXPECT_THAT(with("/model/vocab/lo", 257), HasSubstr("twice"));
  EXPECT_THAT(with("/model/vocab/lo", 5'000'000), HasSubstr("outside"));
  EXPECT_THAT(with("/model/vocab/lo", -1), HasSubstr("outside"));
  EXPECT_THAT(with("/model/merges/0", "l  o"), HasSubstr("merge 0"));
  EXPECT_THAT(with("/model/merges/1", "l o"), HasSubstr("twice"));
  EXPECT_THAT(with("/normalizer", {{"type", "StripAccents"}}), HasSubstr("normalizer StripAccents"));
  EXPECT_THAT(with("/pre_tokenizer", {{"type", "Whitespace"}}), HasSubstr("pre-tokenizer Whitespace"));
  EXPECT_THAT(with("/pre_tokenizer", {{"type", "Digits"}}), HasSubstr("digits in groups"));
  EXPECT_THAT(with("/decoder", {{"type", "CTC"}}), HasSubstr("decoder CTC"));
  EXPECT_THAT(with("/decoder", {{"type", "Fuse"}}), HasSubstr("does not fit"));
  EXPECT_THAT(with("/post_processor", {{"type", "BertProcessing"}}), HasSubstr("BertProcessing"));
  EXPECT_THAT(with("/added_tokens/0/id", 300), HasSubstr("gives it 258"));
  EXPECT_THAT(with("/added_tokens/0/content", ""), HasSubstr("empty"));
  EXPECT_THAT(with("/model", 5), HasSubstr("not a JSON object"));
  EXPECT_THAT(with("/model/vocab", 5), HasSubstr("model.vocab: not a JSON object"));
  EXPECT_THAT(with("/pre_tokenizer", {{"type", 5}}), HasSubstr("pre_tokenizer.type: not a string"));
  Json deep = nullptr;
  for (int i = 0; i < 40; ++i) deep = {{"type", "Sequence"}, {"normalizers", Json::array({deep})}};
  EXPECT_THAT(with("/normalizer", deep), HasSubstr("too deep"));
}

}  // namespace
}  // namespace aurora::tokenizer
