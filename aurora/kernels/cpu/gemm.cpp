#include "aurora/kernels/cpu/gemm.h"

#include "aurora/kernels/reference/gemm.h"

namespace aurora::kernels::cpu {

void gemm(const Stream& stream, const Gemm& call) {
  reference::gemm(stream, call);
}

}  // namespace aurora::kernels::cpu
