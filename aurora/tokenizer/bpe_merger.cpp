#include "aurora/tokenizer/bpe_merger.h"

#include <algorithm>
#include <cstring>

namespace aurora::tokenizer {

const std::vector<int32_t>& BpeMerger::merge(std::string_view word) {
  ids_.clear();
  const bool bytes = !tables_.byte_pairs.empty();
  if (bytes && word.size() <= kScanned) {
    first_pairs(word);
  } else {
    first_.clear();
    first_symbols(tables_, word, first_);
    if (!tables_.regular || first_.size() > kScanned) {
      merge_by_heap(tables_, heap_, first_);
      for (const BpeSymbol& symbol : first_) ids_.push_back(tables_.ids[symbol.id]);
      return ids_;
    }
    size_ = first_.size();
    for (size_t i = 0; i < size_; ++i) symbols_[i] = static_cast<uint32_t>(first_[i].id);
    for (size_t i = 0; i + 1 < size_; ++i) pairs_[i] = tables_.rules.find(symbols_[i], symbols_[i + 1]);
  }
  scan();
  for (size_t i = 0; i < size_; ++i) ids_.push_back(tables_.ids[symbols_[i]]);
  return ids_;
}

void BpeMerger::first_pairs(std::string_view word) {
  size_ = word.size();
  for (size_t i = 0; i < size_; ++i) symbols_[i] = tables_.bytes[static_cast<uint8_t>(word[i])];
  for (size_t i = 0; i + 1 < size_; ++i) {
    pairs_[i] = tables_.byte_pairs[static_cast<uint8_t>(word[i]) << 8 | static_cast<uint8_t>(word[i + 1])];
  }
}

void BpeMerger::scan() {
  while (size_ > 1) {
    const uint32_t* best = std::min_element(pairs_, pairs_ + size_ - 1);
    if (*best == kNoMerge) return;
    const size_t at = static_cast<size_t>(best - pairs_);
    symbols_[at] = *best;
    --size_;
    std::memmove(symbols_ + at + 1, symbols_ + at + 2, (size_ - at - 1) * sizeof(uint32_t));
    std::memmove(pairs_ + at, pairs_ + at + 1, (size_ - at) * sizeof(uint32_t));
    if (at + 1 < size_) pairs_[at] = tables_.rules.find(symbols_[at], symbols_[at + 1]);
    if (at > 0) pairs_[at - 1] = tables_.rules.find(symbols_[at - 1], symbols_[at]);
  }
}

}  // namespace aurora::tokenizer
