// The sets that simd_cuts() chooses from.
#pragma once

#include "aurora/pretokenize/simd_cuts.h"

namespace aurora::pretokenize {

extern const SimdCuts kAvx512Cuts;
extern const SimdCuts kAvx2Cuts;
extern const SimdCuts kPortableCuts;

}  // namespace aurora::pretokenize
