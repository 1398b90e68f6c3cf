#include "aurora/constrain/vocabulary.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "aurora/base/check.h"
#include "aurora/tokenizer/steps/decode_ways.h"

namespace aurora::constrain {
namespace {

void replace_all(std::string& text, std::string_view what, std::string_view by) {
  if (what.empty()) return;
  for (size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + by.size())) {
    text.replace(at, what.size(), by);
  }
}

// One piece inside a text, where no first space is dropped: what decode_ways does to it, but for bytes.
std::string piece_text(const tokenizer::Spec& spec, std::string piece) {
  using Kind = tokenizer::DecoderStep::Kind;
  if (spec.decoders.empty()) {
    replace_all(piece, "\u2581", " ");
    return piece;
  }
  for (const tokenizer::DecoderStep& step : spec.decoders) {
    if (step.kind == Kind::kReplace) replace_all(piece, step.pattern, step.text);
    if (step.kind == Kind::kMetaspace) replace_all(piece, step.pattern, " ");
  }
  return piece;
}

bool makes_text(tokenizer::TokenKind kind) {
  using tokenizer::TokenKind;
  return kind == TokenKind::kNormal || kind == TokenKind::kByte || kind == TokenKind::kAdded;
}

}  // namespace

std::vector<std::string> token_bytes(const tokenizer::Tokenizer& tokenizer) {
  const tokenizer::Spec& spec = tokenizer.spec();
  std::vector<std::string> bytes(spec.tokens.size());
  for (size_t id = 0; id < bytes.size(); ++id) {
    const tokenizer::Token& token = spec.tokens[id];
    if (tokenizer.is_special(static_cast<int32_t>(id)) || !makes_text(token.kind)) continue;
    const int byte = tokenizer::byte_of_piece(token.text);
    if (token.kind == tokenizer::TokenKind::kByte && byte >= 0) {
      bytes[id] = std::string(1, static_cast<char>(byte));
    } else if (spec.byte_level) {
      bytes[id] = token.text;
    } else {
      bytes[id] = piece_text(spec, token.text);
    }
  }
  return bytes;
}

Vocabulary::Vocabulary(const std::vector<std::string>& bytes_by_id, std::vector<int32_t> end_tokens)
    : trie_(bytes_by_id), end_tokens_(std::move(end_tokens)) {
  for (const int32_t id : end_tokens_) AURORA_CHECK(id >= 0 && id < trie_.size());
}

std::shared_ptr<const Vocabulary> Vocabulary::of(const tokenizer::Tokenizer& tokenizer,
                                                 std::vector<int32_t> end_tokens) {
  if (end_tokens.empty() && tokenizer.end_of_document() >= 0) end_tokens = {tokenizer.end_of_document()};
  std::vector<std::string> bytes = token_bytes(tokenizer);
  for (const int32_t id : end_tokens) {
    if (id >= 0 && static_cast<size_t>(id) < bytes.size()) bytes[static_cast<size_t>(id)].clear();
  }
  std::erase_if(end_tokens, [&](int32_t id) { return id < 0 || static_cast<size_t>(id) >= bytes.size(); });
  return std::make_shared<Vocabulary>(bytes, std::move(end_tokens));
}

bool Vocabulary::is_end(int32_t id) const {
  return std::find(end_tokens_.begin(), end_tokens_.end(), id) != end_tokens_.end();
}

}  // namespace aurora::constrain
