// The substrings of words that unigram training begins with: the nodes of the words' suffix tree, found by
// sorting suffixes (as SentencePiece does by a suffix array; Kudo 2018, arXiv:1804.10959, section 3.2).
#pragma once

#include <cstdint>
#include <vector>

#include "aurora/base/threads.h"
#include "aurora/vocabulary/char_strip.h"

namespace aurora::vocabulary {

struct SeedPiece {
  uint32_t at = 0;  // in the strip: one place where it stands
  uint32_t length = 0;
  uint64_t count = 0;  // how often it occurs, words as often as they occur
};

// Substrings of 2 to `longest` characters that stand at two places or more and are not always followed by the
// same character: the `most` of them with the largest count times length, of equals the smaller by
// characters. Sorted so. The same for any order of words and any threads. Memory: about 32 bytes per
// character of the strip.
std::vector<SeedPiece> seed_pieces(const CharStrip& strip, uint32_t longest, size_t most, Pool& pool);

}  // namespace aurora::vocabulary
