#include "aurora/kernels/reference/gemm.h"

#include "aurora/kernels/element.h"
#include "aurora/kernels/shapes.h"

namespace aurora::kernels::reference {

void gemm(const Stream&, const Gemm& call) {
  const auto [m, n, k] = gemm_sizes(call);
  const View &a = call.a, &b = call.b, &c = call.c;
  for (int64_t i = 0; i < m; ++i) {
    for (int64_t j = 0; j < n; ++j) {
      double sum = 0;
      for (int64_t l = 0; l < k; ++l) {
        const double x = load_element(a, call.transpose_a ? l * a.stride(0) + i : i * a.stride(0) + l);
        const double y = load_element(b, call.transpose_b ? j * b.stride(0) + l : l * b.stride(0) + j);
        sum += x * y;
      }
      const int64_t at = i * c.stride(0) + j;
      store_element(c, at, call.accumulate ? load_element(c, at) + sum : sum);
    }
  }
}

}  // namespace aurora::kernels::reference
