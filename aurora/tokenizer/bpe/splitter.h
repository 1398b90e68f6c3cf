// Cuts long words at the places that no symbol can cross (bpe/seams.h), and remembers the answers: text asks
// the same few thousand questions again and again.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "aurora/tokenizer/bpe/seams.h"

namespace aurora::tokenizer {

class BpeSplitter {
 public:
  // The seams must outlive it.
  // everywhere: between ASCII characters too, which pays where words are whole texts.
  BpeSplitter(const BpeSeams& seams, bool everywhere);
  // The word to cut is text[begin, end).
  void begin(std::string_view text, size_t begin, size_t end);
  // The ends of its next pieces, ascending, the word's end last; 0 when no more come. cuts.size() >= 16.
  size_t next(std::span<uint32_t> cuts);
  void forget();

 private:
  uint64_t crossed(const char* behind);

  uint64_t asked(size_t bytes) const;
  uint64_t untouched(size_t bytes) const;

  const BpeSeams& seams_;
  const bool everywhere_;
  std::vector<uint64_t> memo_;  // bytes around a place << 1 | crossed
  std::string_view text_;
  size_t at_ = 0;
  size_t end_ = 0;
  bool done_ = true;
};

}  // namespace aurora::tokenizer
