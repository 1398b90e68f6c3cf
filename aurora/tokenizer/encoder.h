// Text to token ids, the whole way: added tokens are taken out, what lies between is normalized and cut into
// words, the model turns each word into ids, the template puts ids around them (spec.h). The ids are those of
// the tokenizer's own library: `tokenizers`, SentencePiece or tiktoken.
//
// An Encoder remembers the words it has seen, so that common text costs one look-up a word; what it remembers
// never changes a result. Encoders of one tokenizer on several threads can share most of it, so that each new
// word costs its merges once. Bounded: what can be shared by 64 MB, of which text that is much alike takes
// 16, and what is an encoder's own by 25 MB at most (bpe/encoder.h). One Encoder per thread.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "aurora/base/threads.h"
#include "aurora/tokenizer/steps/added_tokens.h"
#include "aurora/tokenizer/tokenizer.h"

namespace aurora::tokenizer {

struct EncodeOptions {
  Specials specials = Specials::kText;
  std::vector<std::string> allowed;  // special tokens that are found whatever `specials` says
  bool add_template = false;         // Spec::single around the text
};

// A token and the bytes of the source that it stands for. Those of a template stand for none. Where a
// normalizer or a byte token cuts inside a character, the tokens of it share its bytes.
struct TokenSpan {
  int32_t id = 0;
  size_t begin = 0;
  size_t end = 0;
  bool operator==(const TokenSpan&) const = default;
};

class SharedWords;
// What encoders of one tokenizer remember together, empty. Thread-safe.
std::shared_ptr<SharedWords> shared_words();

class Encoder {
 public:
  // The tokenizer must outlive the encoder. `words`: shared with other encoders of this tokenizer; null: its
  // own.
  explicit Encoder(const Tokenizer& tokenizer, std::shared_ptr<SharedWords> words = nullptr);
  ~Encoder();
  Encoder(Encoder&&) noexcept;
  Encoder(const Encoder&) = delete;

  // Appends the ids of `text` (any bytes) to `out`. Error: a special token with kRefuse; a character without
  // token where there is no unknown token; 1 GiB or more at once.
  void encode(std::string_view text, std::vector<int32_t>& out, Specials specials = Specials::kText);
  void encode(std::string_view text, std::vector<int32_t>& out, const EncodeOptions& options);
  // The same ids with their places; slower.
  void encode_with_offsets(std::string_view text, std::vector<TokenSpan>& out,
                           const EncodeOptions& options = {});
  // Empties what is remembered, as if the encoder were new; shares nothing any more.
  void forget();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// The ids of each text, in order, worked out by all threads of the pool, which share the words
// they meet.
std::vector<std::vector<int32_t>> encode_batch(const Tokenizer& tokenizer,
                                               std::span<const std::string_view> texts, Pool& pool,
                                               const EncodeOptions& options = {});

}  // namespace aurora::tokenizer
