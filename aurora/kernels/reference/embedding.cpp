#include "aurora/kernels/reference/embedding.h"

#include "aurora/kernels/act.h"

namespace aurora::kernels::reference {

void embedding_forward(const Stream&, View table, View tokens, View out) {
  const int64_t rows = tokens.elements(), vocabulary = table.dim(0), width = table.dim(1);
  check_matrix(table, out.dtype, vocabulary, width);
  check_matrix(out, out.dtype, rows, width);
  const int32_t* token = tokens.as<int32_t>();
  for_act(out.dtype, [&](auto zero) {
    using T = decltype(zero);
    for (int64_t r = 0; r < rows; ++r) {
      AURORA_CHECK(token[r] >= 0 && token[r] < vocabulary, "token {} of {}", token[r], vocabulary);
      for (int64_t c = 0; c < width; ++c) row<T>(out, r)[c] = row<T>(table, token[r])[c];
    }
  });
}

void embedding_backward(const Stream&, View d_out, View tokens, View d_table) {
  const int64_t rows = tokens.elements(), vocabulary = d_table.dim(0), width = d_table.dim(1);
  check_matrix(d_table, DType::kF32, vocabulary, width);
  check_matrix(d_out, d_out.dtype, rows, width);
  const int32_t* token = tokens.as<int32_t>();
  for_act(d_out.dtype, [&](auto zero) {
    using T = decltype(zero);
    for (int64_t r = 0; r < rows; ++r) {
      AURORA_CHECK(token[r] >= 0 && token[r] < vocabulary, "token {} of {}", token[r], vocabulary);
      for (int64_t c = 0; c < width; ++c) row<float>(d_table, token[r])[c] += to_float(row<T>(d_out, r)[c]);
    }
  });
}

}  // namespace aurora::kernels::reference
