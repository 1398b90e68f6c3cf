// The contract is in kernels/kernels.h and kernels/packed.h.
//
// Up to kFewRows rows each tile is a few panels of W, through which all rows go before the next: W is read
// from memory once. More rows are cut as gemm cuts them, but W's panels are there already.
#pragma once

#include "aurora/kernels/kernels.h"

namespace aurora::kernels::cpu {

void gemm_packed(const Stream& stream, const PackedGemm& call);

}  // namespace aurora::kernels::cpu
