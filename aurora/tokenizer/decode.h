// Ids to text, as the tokenizer's own library gives it: the bytes of the tokens, joined, for a plain
// byte-level tokenizer; the decoder steps of a tokenizer.json as `tokenizers` runs them; SentencePiece's way
// for a .model.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "aurora/tokenizer/spec.h"

namespace aurora::tokenizer {

class Tokenizer;
class TextNormalizer;

// What decoding needs of a Spec. Immutable, thread-safe.
class DecodeTables {
 public:
  DecodeTables(const Spec& spec, const TextNormalizer& normalizer);

  enum class Way { kBytes, kSteps, kSentencePiece };
  Way way() const { return way_; }
  const std::vector<DecoderStep>& steps() const { return steps_; }
  // Error: no token has this id.
  std::string_view text(int32_t id) const;
  bool is_special(int32_t id) const { return special_[static_cast<size_t>(id)]; }
  TokenKind kind(int32_t id) const { return kinds_[static_cast<size_t>(id)]; }
  // SentencePiece: the first space of a text was put there by the normalizer; or none can stand there.
  bool drops_first_space() const { return drops_first_space_; }
  bool drops_all_first_spaces() const { return drops_all_first_spaces_; }

 private:
  Way way_ = Way::kSteps;
  std::vector<std::string> texts_;
  std::vector<bool> special_;
  std::vector<TokenKind> kinds_;
  std::vector<DecoderStep> steps_;
  bool drops_first_space_ = false;
  bool drops_all_first_spaces_ = false;
};

// Error: an id that no token has. skip_special: special tokens give nothing, else their text (SentencePiece
// gives nothing for control tokens in any case). Bytes that are no UTF-8 come out as they are if the
// tokenizer is plain byte-level; else as U+FFFD, as the libraries have it.
std::string decode(const DecodeTables& tables, std::span<const int32_t> ids, bool skip_special);

// Turns a stream of tokens into text piece by piece; never gives half a character. All pieces together are
// what decode() gives for all ids, with bytes that are no UTF-8 as U+FFFD. Not thread-safe.
class StreamDecoder {
 public:
  // The tokenizer must outlive it.
  explicit StreamDecoder(const Tokenizer& tokenizer, bool skip_special = true);
  StreamDecoder(const DecodeTables& tables, bool skip_special);
  ~StreamDecoder();
  StreamDecoder(StreamDecoder&&) noexcept;

  std::string push(int32_t id);  // text that is certain now; may be empty. Error: an id that no token has
  std::string finish();          // what is left; ready for a new stream afterwards

  // One way of decoding; decode_ways.h has the three.
  class Way;

 private:
  const DecodeTables& tables_;
  bool skip_special_;
  std::unique_ptr<Way> way_;
};

}  // namespace aurora::tokenizer
