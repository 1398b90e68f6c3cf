// Text to ids by a BpeModel: cuts it into words and merges each. An encoder remembers what words became, so
// that common text costs one look-up a word; what it remembers never changes a result, and its memory is
// bounded (at most about 45 MB, most of it taken only when much text has come).
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "aurora/pretokenize/scheme.h"
#include "aurora/tokenizer/bpe/heap.h"
#include "aurora/tokenizer/bpe/model.h"

namespace aurora::tokenizer {

// One per thread.
class BpeEncoder {
 public:
  // The model must outlive the encoder. Without `cut` the whole text is one word, of any length (Metaspace
  // without a pre-tokenizer): time is linear in it.
  explicit BpeEncoder(const BpeModel& model, pretokenize::CutFunction cut = nullptr);
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
