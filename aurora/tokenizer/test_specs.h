// Small tokenizers of each kind, for tests.
#pragma once

#include <cstdint>
#include <cstdio>
#include <string>
#include <utility>
#include <vector>

#include "aurora/tokenizer/spec.h"

namespace aurora::tokenizer {

inline Token token_of(std::string text, TokenKind kind = TokenKind::kNormal, double score = 0) {
  Token token;
  token.text = std::move(text);
  token.kind = kind;
  token.score = score;
  return token;
}

inline void add_token(Spec& spec, std::string text, bool special, bool normalized = false) {
  AddedToken added;
  added.id = static_cast<int32_t>(spec.tokens.size());
  added.text = text;
  added.special = special;
  added.normalized = normalized;
  spec.added.push_back(added);
  spec.tokens.push_back(token_of(std::move(text), TokenKind::kAdded));
}

inline void add_bytes(Spec& spec) {
  char name[8];
  for (int byte = 0; byte < 256; ++byte) {
    std::snprintf(name, sizeof name, "<0x%02X>", byte);
    spec.tokens.push_back(token_of(name, TokenKind::kByte, -1));
  }
}

// Adds the token that two others join to, if it is not there, and the merge.
inline int32_t add_merge(Spec& spec, int32_t left, int32_t right) {
  const std::string joined =
      spec.tokens[static_cast<size_t>(left)].text + spec.tokens[static_cast<size_t>(right)].text;
  auto result = static_cast<int32_t>(spec.tokens.size());
  spec.tokens.push_back(token_of(joined));
  spec.merges.push_back({left, right, result, static_cast<uint32_t>(spec.merges.size())});
  return result;
}

inline DecoderStep decoder(DecoderStep::Kind kind, std::string pattern = "", std::string text = "") {
  DecoderStep step;
  step.kind = kind;
  step.pattern = std::move(pattern);
  step.text = std::move(text);
  return step;
}

inline Normalizer normalizer(Normalizer::Kind kind, std::string pattern = "", std::string text = "") {
  Normalizer step;
  step.kind = kind;
  step.pattern = std::move(pattern);
  step.text = std::move(text);
  return step;
}

// The 256 bytes, "th", "the", " t", " the", and two special tokens behind them.
inline Spec byte_level_spec(const std::string& scheme = "gpt2") {
  Spec spec;
  for (int byte = 0; byte < 256; ++byte)
    spec.tokens.push_back(token_of(std::string(1, static_cast<char>(byte))));
  const int32_t th = add_merge(spec, 't', 'h');
  const int32_t the = add_merge(spec, th, 'e');
  add_merge(spec, ' ', 't');
  add_merge(spec, ' ', the);
  add_merge(spec, 0xe3, 0x81);
  PretokenStep step;
  step.scheme = scheme;
  spec.pretokenizers = {step};
  spec.decoders = {decoder(DecoderStep::Kind::kByteLevel)};
  add_token(spec, "<|end|>", true);
  add_token(spec, "<|other|>", false);
  spec.end_of_document = spec.added[0].id;
  return spec;
}

// Llama 2's kind: characters, byte fallback, spaces as U+2581, one before the text.
inline Spec llama_spec() {
  Spec spec;
  spec.byte_level = false;
  spec.byte_fallback = true;
  spec.fuse_unknown = true;
  spec.unknown = 0;
  spec.tokens = {token_of("<unk>", TokenKind::kUnknown), token_of("<s>", TokenKind::kControl)};
  AddedToken begin;
  begin.id = 1;
  begin.text = "<s>";
  spec.added = {begin};
  add_bytes(spec);
  const auto first = static_cast<int32_t>(spec.tokens.size());  // 258
  for (const char* text : {"\u2581", "t", "h", "e", "a", "\u3042"}) spec.tokens.push_back(token_of(text));
  const int32_t th = add_merge(spec, first + 1, first + 2);
  add_merge(spec, th, first + 3);
  add_merge(spec, first, th);
  add_merge(spec, first, first);
  spec.normalizers = {normalizer(Normalizer::Kind::kPrepend, "", "\u2581"),
                      normalizer(Normalizer::Kind::kReplace, " ", "\u2581")};
  DecoderStep strip = decoder(DecoderStep::Kind::kStrip, " ");
  strip.start = 1;
  spec.decoders = {decoder(DecoderStep::Kind::kReplace, "\u2581", " "),
                   decoder(DecoderStep::Kind::kByteFallback), decoder(DecoderStep::Kind::kFuse), strip};
  TemplatePiece token;
  token.id = 1;
  TemplatePiece text;
  text.kind = TemplatePiece::Kind::kFirst;
  spec.single = {token, text};
  return spec;
}

// T5's kind: unigram, words begin at U+2581.
inline Spec unigram_spec(ModelKind model = ModelKind::kUnigram) {
  Spec spec;
  spec.model = model;
  spec.byte_level = false;
  spec.unknown = 0;
  spec.tokens = {token_of("<unk>", TokenKind::kUnknown),     token_of("</s>", TokenKind::kControl),
                 token_of("\u2581", TokenKind::kNormal, -2), token_of("\u2581the", TokenKind::kNormal, -3),
                 token_of("the", TokenKind::kNormal, -4),    token_of("t", TokenKind::kNormal, -3),
                 token_of("h", TokenKind::kNormal, -3),      token_of("e", TokenKind::kNormal, -2),
                 token_of("\u3042", TokenKind::kNormal, -5)};
  if (model == ModelKind::kSentencePieceUnigram) {
    Normalizer step = normalizer(Normalizer::Kind::kSentencePiece);
    step.left = step.right = true;
    spec.normalizers = {step};
    return spec;
  }
  AddedToken end;
  end.id = 1;
  end.text = "</s>";
  spec.added = {end};
  PretokenStep metaspace;
  metaspace.kind = PretokenStep::Kind::kMetaspace;
  metaspace.prepend = PretokenStep::Prepend::kAlways;
  spec.pretokenizers = {metaspace};
  DecoderStep back = decoder(DecoderStep::Kind::kMetaspace, "\u2581");
  back.prefix = true;
  spec.decoders = {back};
  return spec;
}

}  // namespace aurora::tokenizer
