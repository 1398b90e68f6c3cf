// Cuts long words at the places that no symbol can cross (bpe_seams.h), and remembers the answers: text asks
// the same few thousand questions again and again.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "aurora/tokenizer/bpe_seams.h"

namespace aurora::tokenizer {

class BpeSplitter {
 public:
  // The seams must outlive it.
  explicit BpeSplitter(const BpeSeams& seams);
  // The word to cut is text[begin, end).
  void begin(std::string_view text, size_t begin, size_t end);
  // The ends of its next pieces, ascending, the word's end last; 0 when no more come. cuts.size() >= 16.
  size_t next(std::span<uint32_t> cuts);
  void forget();

 private:
  uint64_t crossed(const char* behind);

  const BpeSeams& seams_;
  std::vector<uint64_t> memo_;  // bytes around a place << 1 | crossed
  std::string_view text_;
  size_t at_ = 0;
  size_t end_ = 0;
};

}  // namespace aurora::tokenizer
