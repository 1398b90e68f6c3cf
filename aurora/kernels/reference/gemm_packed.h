// The contract is in kernels/kernels.h. Plain loops, one thread: dense weights as gemm does them, quantised
// ones with the very bits that kernels/packed.h promises.
#pragma once

#include "aurora/kernels/kernels.h"

namespace aurora::kernels::reference {

void gemm_packed(const Stream& stream, const PackedGemm& call);

}  // namespace aurora::kernels::reference
