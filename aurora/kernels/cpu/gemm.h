// The contract is in kernels/kernels.h.
#pragma once

#include "aurora/kernels/kernels.h"

namespace aurora::kernels::cpu {

void gemm(const Stream& stream, const Gemm& call);

}  // namespace aurora::kernels::cpu
