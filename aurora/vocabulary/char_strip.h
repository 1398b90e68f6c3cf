// All unique words as one strip of characters, for learning unigram pieces.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "aurora/vocabulary/word_counts.h"

namespace aurora::vocabulary {

// A character by its number: 1 is the most frequent, 0 stands behind every word.
using CharId = uint32_t;

struct CharStrip {
  std::vector<CharId> chars;
  std::vector<uint32_t> begins;       // of words
  std::vector<uint64_t> counts;       // of words
  std::vector<uint32_t> code_points;  // by character
  std::vector<uint64_t> char_counts;  // by character
  uint64_t occurrences = 0;           // of characters, in all words as often as they occur

  std::string text(uint32_t at, uint32_t length) const;  // UTF-8
};

// Takes the words (UTF-8) out of `words`, which is empty afterwards. Of the characters, most frequent first,
// only as many are kept as make up `coverage` of all occurrences; the others end a word, as they become byte
// tokens or the unknown token. Error: more than 4 billion characters of unique words.
CharStrip make_char_strip(WordCounts& words, double coverage);

}  // namespace aurora::vocabulary
