// Word counts of several ranks, each of its own texts, become one.
#pragma once

#include "aurora/base/threads.h"
#include "aurora/comm/group.h"
#include "aurora/vocabulary/word_counts.h"

namespace aurora::vocabulary {

// On every rank with its finished counts. Each shard is added up by one of the ranks and then goes to rank 0,
// whose counts (finished again) are the sums over all ranks; those of the others are empty afterwards.
// Bounded in memory as WordCounts are.
void gather_words(WordCounts& counts, comm::Group& group, Pool& pool);

}  // namespace aurora::vocabulary
