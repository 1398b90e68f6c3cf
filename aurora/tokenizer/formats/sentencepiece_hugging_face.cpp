#include "aurora/tokenizer/formats/sentencepiece_hugging_face.h"

#include <algorithm>

#include "aurora/base/error.h"

namespace aurora::tokenizer {
namespace {

constexpr const char* kSpace = "\xe2\x96\x81";  // U+2581
using Kind = Normalizer::Kind;

void add_spaces(const Normalizer& sentencepiece, std::vector<Normalizer>& steps) {
  if (sentencepiece.right) {
    steps.push_back({.kind = Kind::kStrip, .left = true, .right = true});
    steps.push_back({.kind = Kind::kReplace, .pattern = " {2,}", .text = " ", .pattern_is_regex = true});
  }
  if (sentencepiece.left) steps.push_back({.kind = Kind::kPrepend, .text = kSpace});
  steps.push_back({.kind = Kind::kReplace, .pattern = " ", .text = kSpace});
}

}  // namespace

bool is_sentencepiece(const Spec& spec) {
  return spec.model == ModelKind::kSentencePieceUnigram ||
         std::any_of(spec.normalizers.begin(), spec.normalizers.end(),
                     [](const Normalizer& step) { return step.kind == Kind::kSentencePiece; });
}

Spec hugging_face_spec(const Spec& spec) {
  Spec made = spec;
  const bool symbols = std::any_of(spec.added.begin(), spec.added.end(),
                                   [](const AddedToken& token) { return !token.special; });
  made.normalizers.clear();
  for (const Normalizer& step : spec.normalizers) {
    if (step.kind != Kind::kSentencePiece) {
      made.normalizers.push_back(step);
      continue;
    }
    if (symbols && (step.left || step.right)) {
      throw Error("tokenizer.json cannot say how SentencePiece puts spaces beside user-defined symbols",
                  "tokenizer",
                  "keep the .model, or train it without add_dummy_prefix and remove_extra_whitespaces");
    }
    add_spaces(step, made.normalizers);
  }
  if (spec.model == ModelKind::kSentencePieceUnigram) made.model = ModelKind::kUnigram;
  for (AddedToken& token : made.added) token.normalized = false;
  for (Token& token : made.tokens) {
    if (token.kind == TokenKind::kUnused) {
      throw Error("tokenizer.json cannot say it: piece \"" + token.text + "\" is unused", "tokenizer",
                  "keep the .model");
    }
    if (token.kind == TokenKind::kControl) token.kind = TokenKind::kAdded;
    if (made.model == ModelKind::kBpe) token.score = 0;
  }
  return made;
}

}  // namespace aurora::tokenizer
