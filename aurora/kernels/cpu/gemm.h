// The contract is in kernels/kernels.h.
//
// Both operands are packed into panels (cpu/microkernel.h), then fixed tiles of C are computed by the pool.
// Along K the sum is a chain of at most kGemmDepthBlock elements; the blocks' sums are added in order, and
// the total is added to C once. Packing and tiles only move data, so bits do not depend on them.
#pragma once

#include "aurora/kernels/cpu/microkernel.h"
#include "aurora/kernels/kernels.h"

namespace aurora::kernels::cpu {

constexpr int64_t kGemmDepthBlock = 2048;

void gemm(const Stream& stream, const Gemm& call);
// The same with a microkernel other than the best one.
void gemm_with(const Microkernel& kernel, const Stream& stream, const Gemm& call);

}  // namespace aurora::kernels::cpu
