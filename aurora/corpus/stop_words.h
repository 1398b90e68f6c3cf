// Function words that any real text of a language has. English: the eight of Gopher (Rae et al. 2021); the
// others are our own choice of the same kind.
#pragma once

#include <string_view>

#include "aurora/corpus/words.h"

namespace aurora::corpus {

bool has_stop_words(std::string_view language);

// How many different stop words of the language occur; 0 for a language without a list.
int count_stop_words(const Words& words, std::string_view language);

}  // namespace aurora::corpus
