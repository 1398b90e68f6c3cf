// The greedy blend, parallel in time. Blocks of steps are taken at once, each from a state that is only
// probably right: the shares of an earlier step, from which the rule is followed until the block begins
// (greedy runs from near states meet soon). A state that differs from the end of the block before is mended
// from the exact one, until both meet.
#pragma once

#include <cstdint>
#include <span>

#include "aurora/base/threads.h"

namespace aurora::megatron {

struct BlendBlocks {
  int64_t length = 0;   // steps in a block; 0: by the size of the blend
  int64_t warm_up = 0;  // steps followed before a block; 0: by the number of datasets
  size_t loops = 0;     // index in lane_loops()
};

struct BlendWork {
  size_t blocks = 0;
  size_t guessed_wrong = 0;  // blocks that began in a wrong state
  int64_t mended_steps = 0;
};

// As greedy_blend(), which see; the results depend on neither `blocks` nor the pool.
BlendWork blend_in_blocks(std::span<const double> weights, std::span<int16_t> datasets,
                          std::span<int64_t> samples, Pool& pool, const BlendBlocks& blocks);

}  // namespace aurora::megatron
