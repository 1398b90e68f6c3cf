// From a stream of texts to word counts, in parallel: while some threads count, one reads ahead.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string_view>
#include <utility>

#include "aurora/base/threads.h"
#include "aurora/comm/group.h"
#include "aurora/vocabulary/train.h"
#include "aurora/vocabulary/word_counts.h"
#include "aurora/vocabulary/word_lane.h"

namespace aurora::vocabulary {

// How a text becomes words: calls lane.add_word or add_text. Called by many threads at once.
using CountText = std::function<void(std::string_view text, uint64_t weight, WordLane& lane)>;

// Counts words of at least least_bytes in all texts; `counts` is not finished yet. Returns the bytes of text.
uint64_t count_texts(TextSource& source, const CountText& count, size_t least_bytes, WordCounts& counts,
                     Pool& pool);

// Finishes the counts of all ranks, which rank 0 has then, and tells `result` about them.
void finish_counts(WordCounts& counts, Pool& pool, comm::Group* group, TrainResult& result);

// Seconds since it was made, or since it was last asked.
class Lap {
 public:
  double seconds() {
    const auto now = std::chrono::steady_clock::now();
    return std::chrono::duration<double>(now - std::exchange(last_, now)).count();
  }

 private:
  std::chrono::steady_clock::time_point last_ = std::chrono::steady_clock::now();
};

}  // namespace aurora::vocabulary
