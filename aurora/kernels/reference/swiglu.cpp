#include "aurora/kernels/reference/swiglu.h"

#include <cmath>

#include "aurora/kernels/act.h"

namespace aurora::kernels::reference {
namespace {

double sigmoid(double x) {
  return 1 / (1 + std::exp(-x));
}

}  // namespace

void swiglu_forward(const Stream&, View gate_up, View out) {
  const int64_t rows = out.dim(0), width = out.dim(1);
  check_matrix(out, out.dtype, rows, width);
  check_matrix(gate_up, out.dtype, rows, 2 * width);
  for_act(out.dtype, [&](auto zero) {
    using T = decltype(zero);
    for (int64_t r = 0; r < rows; ++r) {
      for (int64_t f = 0; f < width; ++f) {
        const double gate = to_float(row<T>(gate_up, r)[f]), up = to_float(row<T>(gate_up, r)[width + f]);
        row<T>(out, r)[f] = from_float<T>(static_cast<float>(gate * sigmoid(gate) * up));
      }
    }
  });
}

void swiglu_backward(const Stream&, View d_out, View gate_up, View d_gate_up) {
  const int64_t rows = d_out.dim(0), width = d_out.dim(1);
  check_matrix(d_out, d_out.dtype, rows, width);
  check_matrix(gate_up, d_out.dtype, rows, 2 * width);
  check_matrix(d_gate_up, d_out.dtype, rows, 2 * width);
  for_act(d_out.dtype, [&](auto zero) {
    using T = decltype(zero);
    for (int64_t r = 0; r < rows; ++r) {
      for (int64_t f = 0; f < width; ++f) {
        const double gate = to_float(row<T>(gate_up, r)[f]), up = to_float(row<T>(gate_up, r)[width + f]);
        const double d = to_float(row<T>(d_out, r)[f]), s = sigmoid(gate);
        row<T>(d_gate_up, r)[f] = from_float<T>(static_cast<float>(d * up * s * (1 + gate * (1 - s))));
        row<T>(d_gate_up, r)[width + f] = from_float<T>(static_cast<float>(d * gate * s));
      }
    }
  });
}

}  // namespace aurora::kernels::reference
