// The merge phase of BPE training: unique words with counts in, tokens and merges out (train.h says which).
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "aurora/base/threads.h"
#include "aurora/vocabulary/word_counts.h"

namespace aurora::vocabulary {

struct MergeSettings {
  size_t most_tokens = 0;            // with the 256 bytes
  uint64_t min_frequency = 2;        // a pair rarer than this is not merged
  uint32_t longest_bytes = ~0u;      // of a token
  std::array<uint8_t, 256> bytes{};  // the byte of token 0, 1 ... 255
  // How work is cut, which no result depends on.
  uint64_t scan_ratio = 256;              // pair_scan.h
  uint32_t places_for_threads = 1 << 15;  // a merge with as many places is shared among threads
};

struct Merges {
  std::vector<std::string> tokens;  // the 256 bytes first
  std::vector<std::pair<int32_t, int32_t>> merges;
  uint64_t scans = 0;
  uint64_t places_visited = 0;
};

// Merges until there are most_tokens tokens or no pair occurs min_frequency times. Takes the words out of
// `words` (finished).
Merges train_merges(WordCounts& words, const MergeSettings& settings, Pool& pool);

}  // namespace aurora::vocabulary
