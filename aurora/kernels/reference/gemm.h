// The contract is in kernels/kernels.h. Plain loops, one thread, sums in double.
#pragma once

#include "aurora/kernels/kernels.h"

namespace aurora::kernels::reference {

void gemm(const Stream& stream, const Gemm& call);

}  // namespace aurora::kernels::reference
