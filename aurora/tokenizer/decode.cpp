#include "aurora/tokenizer/decode.h"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_set>

#include "aurora/base/error.h"
#include "aurora/base/utf8.h"
#include "aurora/tokenizer/steps/decode_ways.h"
#include "aurora/tokenizer/steps/normalize.h"

namespace aurora::tokenizer {
namespace {

// Bytes of the tokens, joined; half characters wait for the next token.
class ByteWay : public StreamDecoder::Way {
 public:
  explicit ByteWay(const DecodeTables& tables) : tables_(tables) {}
  void push(int32_t id, std::string& out) override {
    held_ += tables_.text(id);
    const size_t whole = held_.size() - incomplete_utf8_tail(held_);
    out += repair_utf8(std::string_view(held_).substr(0, whole));
    held_.erase(0, whole);
  }
  void finish(std::string& out) override {
    out += repair_utf8(held_);
    held_.clear();
  }

 private:
  const DecodeTables& tables_;
  std::string held_;
};

std::unique_ptr<StreamDecoder::Way> make_way(const DecodeTables& tables) {
  switch (tables.way()) {
    case DecodeTables::Way::kBytes:
      return std::make_unique<ByteWay>(tables);
    case DecodeTables::Way::kSteps:
      return make_step_way(tables);
    case DecodeTables::Way::kSentencePiece:
      return make_sentencepiece_way(tables);
  }
  return nullptr;
}

bool only_byte_level(const std::vector<DecoderStep>& steps) {
  return std::all_of(steps.begin(), steps.end(), [](const DecoderStep& step) {
    return step.kind == DecoderStep::Kind::kByteLevel || step.kind == DecoderStep::Kind::kFuse;
  });
}

}  // namespace

DecodeTables::DecodeTables(const Spec& spec, const TextNormalizer& normalizer) : steps_(spec.decoders) {
  for (const Token& token : spec.tokens) {
    texts_.push_back(token.text);
    kinds_.push_back(token.kind);
  }
  special_.resize(texts_.size());
  std::unordered_set<std::string_view> special_texts;
  for (const AddedToken& token : spec.added) {
    if (token.special) special_texts.insert(token.text);
  }
  const bool byte_level = spec.model == ModelKind::kBpe && spec.byte_level;
  for (const Normalizer& step : spec.normalizers) {
    if (step.kind != Normalizer::Kind::kSentencePiece) continue;
    way_ = Way::kSentencePiece;
    drops_first_space_ = step.left || step.right;
    drops_all_first_spaces_ = step.right;
  }
  if (byte_level && only_byte_level(steps_)) way_ = Way::kBytes;
  for (const AddedToken& token : spec.added) {
    const auto id = static_cast<size_t>(token.id);
    // `tokenizers` decodes an added token from its normalized text, and asks of that whether it is special.
    const bool as_normalized = token.normalized && way_ != Way::kSentencePiece;
    texts_[id] = as_normalized ? normalizer.normalized(token.text) : token.text;
    special_[id] = special_texts.contains(texts_[id]);
    std::string bytes;
    if (byte_level && bytes_of_alphabet(texts_[id], bytes)) texts_[id] = bytes;
  }
}

std::string_view DecodeTables::text(int32_t id) const {
  if (id < 0 || static_cast<size_t>(id) >= texts_.size()) {
    throw Error(fmt::format("token id {} is outside of 0..{}", id, texts_.size() - 1), "the ids",
                "use the tokenizer that made them");
  }
  if (kinds_[static_cast<size_t>(id)] == TokenKind::kHole) {
    throw Error(fmt::format("no token has the id {}", id), "the ids", "use the tokenizer that made them");
  }
  return texts_[static_cast<size_t>(id)];
}

std::string decode(const DecodeTables& tables, std::span<const int32_t> ids, bool skip_special) {
  std::string out;
  if (tables.way() == DecodeTables::Way::kBytes) {
    for (const int32_t id : ids) {
      const std::string_view text = tables.text(id);
      if (!skip_special || !tables.is_special(id)) out += text;
    }
    return out;
  }
  const std::unique_ptr<StreamDecoder::Way> way = make_way(tables);
  for (const int32_t id : ids) {
    tables.text(id);
    if (!skip_special || !tables.is_special(id)) way->push(id, out);
  }
  way->finish(out);
  return out;
}

StreamDecoder::StreamDecoder(const DecodeTables& tables, bool skip_special)
    : tables_(tables), skip_special_(skip_special), way_(make_way(tables)) {}
StreamDecoder::~StreamDecoder() = default;
StreamDecoder::StreamDecoder(StreamDecoder&&) noexcept = default;

std::string StreamDecoder::push(int32_t id) {
  std::string out;
  tables_.text(id);
  if (!skip_special_ || !tables_.is_special(id)) way_->push(id, out);
  return out;
}

std::string StreamDecoder::finish() {
  std::string out;
  way_->finish(out);
  return out;
}

int byte_of_piece(std::string_view piece) {
  if (piece.size() != 6 || !piece.starts_with("<0x") || piece[5] != '>') return -1;
  int byte = 0;
  for (const char digit : piece.substr(3, 2)) {
    const bool decimal = digit >= '0' && digit <= '9';
    const char lower = static_cast<char>(digit | 0x20);
    if (!decimal && (lower < 'a' || lower > 'f')) return -1;
    byte = 16 * byte + (decimal ? digit - '0' : lower - 'a' + 10);
  }
  return byte;
}

bool bytes_of_alphabet(std::string_view text, std::string& bytes) {
  // Visible characters of Latin-1 stand for themselves, U+0100 on for the other bytes in order.
  static const std::string others = [] {
    std::string made;
    for (int byte = 0; byte < 256; ++byte) {
      if (byte < 33 || (byte > 126 && byte < 161) || byte == 173) made += static_cast<char>(byte);
    }
    return made;
  }();
  bytes.clear();
  for (size_t at = 0; at < text.size();) {
    const Decoded character = decode_utf8(text, at);
    const uint32_t c = character.code_point;
    if (!character.valid) return false;
    if (c >= 256) {
      if (c - 256 >= others.size()) return false;
      bytes += others[c - 256];
    } else if (others.find(static_cast<char>(c)) != std::string::npos) {
      return false;
    } else {
      bytes += static_cast<char>(c);
    }
    at += character.bytes;
  }
  return true;
}

}  // namespace aurora::tokenizer
