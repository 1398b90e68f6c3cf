// The contract is in kernels/kernels.h and kernels/packed.h.
#pragma once

#include "aurora/kernels/kernels.h"

namespace aurora::kernels::cpu {

void gemm_packed(const Stream& stream, const PackedGemm& call);

}  // namespace aurora::kernels::cpu
