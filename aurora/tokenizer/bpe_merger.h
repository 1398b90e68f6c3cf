// Merges one word after another, the fast way where the model is regular (bpe_tables.h).
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "aurora/tokenizer/bpe_heap.h"
#include "aurora/tokenizer/bpe_tables.h"

namespace aurora::tokenizer {

// Keeps its scratch memory between words. Not thread-safe; the tables must outlive it.
class BpeMerger {
 public:
  explicit BpeMerger(const BpeTables& tables) : tables_(tables) {}
  // The ids that merges make of the word; valid until the next call.
  const std::vector<int32_t>& merge(std::string_view word);

 private:
  static constexpr size_t kScanned = 64;  // symbols of a word that is scanned for the lowest rank

  void first_pairs(std::string_view word);
  void scan();

  const BpeTables& tables_;
  BpeHeap heap_;
  std::vector<BpeSymbol> first_;
  uint32_t symbols_[kScanned];
  uint32_t pairs_[kScanned];  // what symbols i and i + 1 become
  size_t size_ = 0;
  std::vector<int32_t> ids_;
};

}  // namespace aurora::tokenizer
