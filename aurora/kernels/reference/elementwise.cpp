#include "aurora/kernels/reference/elementwise.h"

#include "aurora/kernels/act.h"

namespace aurora::kernels::reference {

void add(const Stream&, View a, View b, View out) {
  const int64_t count = out.elements();
  check_vector(a, out.dtype, count);
  check_vector(b, out.dtype, count);
  check_vector(out, out.dtype, count);
  for_act(out.dtype, [&](auto zero) {
    using T = decltype(zero);
    for (int64_t i = 0; i < count; ++i)
      out.as<T>()[i] = from_float<T>(to_float(a.as<T>()[i]) + to_float(b.as<T>()[i]));
  });
}

void bias_forward(const Stream&, View x, View bias) {
  check_matrix(x, bias.dtype, x.dim(0), bias.elements());
  check_vector(bias, bias.dtype, bias.elements());
  for_act(x.dtype, [&](auto zero) {
    using T = decltype(zero);
    for (int64_t r = 0; r < x.dim(0); ++r)
      for (int64_t c = 0; c < x.dim(1); ++c)
        row<T>(x, r)[c] = from_float<T>(to_float(row<T>(x, r)[c]) + to_float(bias.as<T>()[c]));
  });
}

void bias_backward(const Stream&, View d_out, View d_bias) {
  check_matrix(d_out, d_out.dtype, d_out.dim(0), d_bias.elements());
  check_vector(d_bias, DType::kF32, d_bias.elements());
  for_act(d_out.dtype, [&](auto zero) {
    using T = decltype(zero);
    for (int64_t c = 0; c < d_out.dim(1); ++c) {
      double sum = 0;
      for (int64_t r = 0; r < d_out.dim(0); ++r) sum += double{to_float(row<T>(d_out, r)[c])};
      d_bias.as<float>()[c] += static_cast<float>(sum);
    }
  });
}

void cast(const Stream&, View from, View to) {
  const int64_t count = to.elements();
  check_vector(from, from.dtype, count);
  check_vector(to, to.dtype, count);
  for_act(from.dtype, [&](auto from_zero) {
    for_act(to.dtype, [&](auto to_zero) {
      using From = decltype(from_zero);
      using To = decltype(to_zero);
      for (int64_t i = 0; i < count; ++i) to.as<To>()[i] = from_float<To>(to_float(from.as<From>()[i]));
    });
  });
}

void sum_squares(const Stream&, View x, double* out) {
  check_vector(x, DType::kF32, x.elements());
  double sum = 0;
  for (int64_t i = 0; i < x.elements(); ++i) sum += double{x.as<float>()[i]} * x.as<float>()[i];
  *out = sum;
}

}  // namespace aurora::kernels::reference
