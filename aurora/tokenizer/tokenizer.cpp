#include "aurora/tokenizer/tokenizer.h"

#include "aurora/base/check.h"
#include "aurora/tokenizer/decode.h"
#include "aurora/tokenizer/encoder.h"
#include "aurora/tokenizer/encoding_model.h"
#include "aurora/tokenizer/spec_check.h"
#include "aurora/tokenizer/spec_fingerprint.h"

namespace aurora::tokenizer {

Tokenizer::Tokenizer(Spec spec, const std::string& where) : spec_(std::move(spec)) {
  check_spec(spec_, where);
  special_.resize(spec_.tokens.size());
  for (size_t id = 0; id < spec_.tokens.size(); ++id) {
    special_[id] = spec_.tokens[id].kind == TokenKind::kControl;
  }
  for (const AddedToken& token : spec_.added) {
    special_[token.id] = token.special;
    if (token.special) special_ids_.emplace(token.text, token.id);
  }
  fingerprint_ = fingerprint_of(spec_);
  encoding_ = std::make_shared<const EncodingModel>(spec_, where);
}

std::string_view Tokenizer::token(int32_t id) const {
  AURORA_CHECK(id >= 0 && id < vocab_size(), "token {} of {}", id, vocab_size());
  return spec_.tokens[id].text;
}

bool Tokenizer::is_special(int32_t id) const {
  return id >= 0 && id < vocab_size() && special_[id];
}

int32_t Tokenizer::special_id(std::string_view text) const {
  const auto found = special_ids_.find(std::string(text));
  return found == special_ids_.end() ? -1 : found->second;
}

std::vector<int32_t> Tokenizer::encode(std::string_view text) const {
  std::vector<int32_t> ids;
  Encoder(*this).encode(text, ids);
  return ids;
}

std::string Tokenizer::decode(std::span<const int32_t> ids, bool skip_special) const {
  return tokenizer::decode(encoding_->decoding(), ids, skip_special);
}

StreamDecoder::StreamDecoder(const Tokenizer& tokenizer, bool skip_special)
    : StreamDecoder(tokenizer.encoding().decoding(), skip_special) {}

}  // namespace aurora::tokenizer
