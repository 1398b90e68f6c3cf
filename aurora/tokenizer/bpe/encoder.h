// Text to ids by a BpeModel: cuts it into words and merges each. Encoders remember what words became, so that
// common text costs one look-up a word; what they remember never changes a result. Memory is bounded: short
// words take 16 MB once 64 KB of text have come, at most 48, later 64 MB after some 400,000 different ones,
// and encoders can share these (bpe/words.h); long words and what else is an encoder's own take 25 MB at
// most, 2 MB for common text.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "aurora/pretokenize/scheme.h"
#include "aurora/tokenizer/bpe/heap.h"
#include "aurora/tokenizer/bpe/model.h"

namespace aurora::tokenizer {

class SharedWords;  // bpe/words.h

// One per thread.
class BpeEncoder {
 public:
  // The model must outlive the encoder. Without `cut` the whole text is one word, of any length (Metaspace
  // without a pre-tokenizer): time is linear in it.
  // Encoders that are given the same `words` share what they remember; else it is one's own.
  explicit BpeEncoder(const BpeModel& model, pretokenize::CutFunction cut = nullptr,
                      std::shared_ptr<SharedWords> words = nullptr);
  ~BpeEncoder();
  BpeEncoder(BpeEncoder&&) noexcept;
  BpeEncoder& operator=(BpeEncoder&&) noexcept;

  // Cuts `text` (any bytes) into words and appends their ids to `out`. Error: 4 GiB or more.
  void encode(std::string_view text, std::vector<int32_t>& out);
  // `word` is one word, whatever `cut` says.
  void encode_word(std::string_view word, std::vector<int32_t>& out);
  // The same with the end of each token, in bytes from the word's begin; ends ascend. Slower: remembers
  // nothing.
  void encode_word(std::string_view word, std::vector<BpeSymbol>& out);
  // Empties what is remembered, as if the encoder were new.
  void forget();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace aurora::tokenizer
