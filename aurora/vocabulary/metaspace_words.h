// Texts as words for unigram training.
#pragma once

#include <cstdint>
#include <string_view>

#include "aurora/vocabulary/word_lane.h"

namespace aurora::vocabulary {

inline constexpr std::string_view kMetaspace = "\xe2\x96\x81";  // U+2581

// Spaces become U+2581, one is put before the text unless it begins with one, a word begins at each; a line
// end is a word of its own. weight > 0.
void count_metaspace_words(std::string_view text, uint64_t weight, WordLane& lane);

}  // namespace aurora::vocabulary
