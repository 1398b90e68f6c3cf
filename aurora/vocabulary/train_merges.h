// The merge phase of BPE training: unique words with counts in, vocabulary and merges out (train.h says
// which).
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "aurora/vocabulary/word_counts.h"

namespace aurora::vocabulary {

struct Merges {
  std::vector<std::string> tokens;  // the 256 bytes first
  std::vector<std::pair<int32_t, int32_t>> merges;
};

// Merges until there are `max_tokens` tokens or no pair occurs min_frequency times. Words must be unique;
// their order does not matter. Memory: about 24 bytes per byte of unique words.
Merges train_merges(std::span<const WordCount> words, size_t max_tokens, uint64_t min_frequency);

}  // namespace aurora::vocabulary
