#include "aurora/kernels/reference/norm.h"

#include <cmath>

#include "aurora/kernels/act.h"

namespace aurora::kernels::reference {

void rmsnorm_forward(const Stream&, View x, View weight, float epsilon, View out, View inv_rms) {
  const int64_t rows = x.dim(0), width = x.dim(1);
  check_matrix(x, out.dtype, rows, width);
  check_matrix(out, out.dtype, rows, width);
  check_vector(weight, out.dtype, width);
  check_vector(inv_rms, DType::kF32, rows);
  for_act(out.dtype, [&](auto zero) {
    using T = decltype(zero);
    const T* w = weight.as<T>();
    for (int64_t r = 0; r < rows; ++r) {
      const T* in = row<T>(x, r);
      double sum = 0;
      for (int64_t c = 0; c < width; ++c) sum += double{to_float(in[c])} * to_float(in[c]);
      const double scale = 1 / std::sqrt(sum / static_cast<double>(width) + epsilon);
      inv_rms.as<float>()[r] = static_cast<float>(scale);
      for (int64_t c = 0; c < width; ++c)
        row<T>(out, r)[c] = from_float<T>(static_cast<float>(to_float(in[c]) * scale * to_float(w[c])));
    }
  });
}

// With g = d_out * weight and s = inv_rms: d_x = s * g - x * s^3 * mean(g * x).
void rmsnorm_backward_input(const Stream&, View d_out, View x, View weight, View inv_rms, View d_x) {
  const int64_t rows = x.dim(0), width = x.dim(1);
  check_matrix(d_out, x.dtype, rows, width);
  check_matrix(d_x, x.dtype, rows, width);
  check_vector(weight, x.dtype, width);
  check_vector(inv_rms, DType::kF32, rows);
  for_act(x.dtype, [&](auto zero) {
    using T = decltype(zero);
    const T* w = weight.as<T>();
    for (int64_t r = 0; r < rows; ++r) {
      const T* in = row<T>(x, r);
      const T* d = row<T>(d_out, r);
      const double s = inv_rms.as<float>()[r];
      double sum = 0;
      for (int64_t c = 0; c < width; ++c) sum += double{to_float(d[c])} * to_float(w[c]) * to_float(in[c]);
      const double pull = s * s * s * sum / static_cast<double>(width);
      for (int64_t c = 0; c < width; ++c)
        row<T>(d_x, r)[c] =
            from_float<T>(static_cast<float>(s * to_float(d[c]) * to_float(w[c]) - pull * to_float(in[c])));
    }
  });
}

void rmsnorm_backward_weight(const Stream&, View d_out, View x, View inv_rms, View d_weight) {
  const int64_t rows = x.dim(0), width = x.dim(1);
  check_matrix(d_out, x.dtype, rows, width);
  check_vector(inv_rms, DType::kF32, rows);
  check_vector(d_weight, DType::kF32, width);
  for_act(x.dtype, [&](auto zero) {
    using T = decltype(zero);
    for (int64_t c = 0; c < width; ++c) {
      double sum = 0;
      for (int64_t r = 0; r < rows; ++r)
        sum += double{to_float(row<T>(d_out, r)[c])} * to_float(row<T>(x, r)[c]) * inv_rms.as<float>()[r];
      d_weight.as<float>()[c] += static_cast<float>(sum);
    }
  });
}

}  // namespace aurora::kernels::reference
