// From a stream of texts to word counts, in parallel: while some threads count, one reads ahead.
#pragma once

#include <cstddef>
#include <cstdint>

#include "aurora/base/threads.h"
#include "aurora/pretokenize/scheme.h"
#include "aurora/vocabulary/train.h"
#include "aurora/vocabulary/word_counts.h"

namespace aurora::vocabulary {

// Counts words of at least least_bytes in all texts; `counts` is not finished yet. Returns the bytes of text.
uint64_t count_texts(TextSource& source, pretokenize::CutFunction cut, size_t least_bytes, WordCounts& counts,
                     Pool& pool);

}  // namespace aurora::vocabulary
