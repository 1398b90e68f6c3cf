// BPE of one word: the pair of neighbours of lowest rank is merged, the leftmost of several, until none
// merges.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "aurora/tokenizer/tokenizer.h"

namespace aurora::tokenizer {

// Keeps its scratch memory between words. Not thread-safe; the tokenizer must outlive it.
class WordMerger {
 public:
  explicit WordMerger(const Tokenizer& tokenizer) : tokenizer_(tokenizer) {}
  // The word's ids; valid until the next call. Words of at most 64 bytes are scanned for the lowest rank,
  // longer ones keep their pairs in a heap: O(n log n) for any bytes.
  const std::vector<int32_t>& merge(std::string_view word);

 private:
  void merge_short();
  void merge_long();

  struct Candidate {  // a pair that begins at symbol `at`
    uint32_t rank;
    uint32_t at;
    int32_t left;
    int32_t right;
    bool operator>(const Candidate& other) const {
      return rank != other.rank ? rank > other.rank : at > other.at;
    }
  };
  void offer(uint32_t at);

  const Tokenizer& tokenizer_;
  std::vector<int32_t> ids_;
  std::vector<uint32_t> ranks_;     // short words: of the pair that begins here
  std::vector<uint32_t> next_;      // long words: links between the symbols that are left
  std::vector<uint32_t> previous_;  //
  std::vector<Candidate> heap_;
};

}  // namespace aurora::tokenizer
