#include "aurora/kernels/cpu/swiglu.h"

#include "aurora/kernels/cpu/isa.h"
#include "aurora/kernels/cpu/lanes.h"
#include "aurora/kernels/cpu/tiles.h"

namespace aurora::kernels::cpu {
namespace {

template <typename T>
[[gnu::always_inline]] inline void forward_row(const T* gate, const T* up, int64_t width, T* out) {
  for_lanes(
      width, [&](int64_t i, auto count) __attribute__((always_inline)) {
        const Lanes g = load(gate + i, count);
        store(out + i, g * sigmoid(g) * load(up + i, count), count);
      });
}

template <typename T>
[[gnu::always_inline]] inline void backward_row(const T* d_out, const T* gate_up, int64_t width,
                                                T* d_gate_up) {
  for_lanes(
      width, [&](int64_t i, auto count) __attribute__((always_inline)) {
        const Lanes g = load(gate_up + i, count), u = load(gate_up + width + i, count);
        const Lanes d = load(d_out + i, count), s = sigmoid(g);
        store(d_gate_up + i, d * u * (s * (1.0f + g * (1.0f - s))), count);
        store(d_gate_up + width + i, d * (g * s), count);
      });
}

}  // namespace

void swiglu_forward(const Stream& stream, View gate_up, View out) {
  const int64_t rows = out.dim(0), width = out.dim(1);
  check_matrix(out, out.dtype, rows, width);
  check_matrix(gate_up, out.dtype, rows, 2 * width);
  for_tiles(stream, rows, rows_per_tile(width), [&](int64_t begin, int64_t end) {
    for_act(out.dtype, [&](auto zero) {
      using T = decltype(zero);
      run([&]() __attribute__((always_inline)) {
        for (int64_t r = begin; r < end; ++r) {
          const T* gate = row<T>(gate_up, r);
          forward_row(gate, gate + width, width, row<T>(out, r));
        }
      });
    });
  });
}

void swiglu_backward(const Stream& stream, View d_out, View gate_up, View d_gate_up) {
  const int64_t rows = d_out.dim(0), width = d_out.dim(1);
  check_matrix(d_out, d_out.dtype, rows, width);
  check_matrix(gate_up, d_out.dtype, rows, 2 * width);
  check_matrix(d_gate_up, d_out.dtype, rows, 2 * width);
  for_tiles(stream, rows, rows_per_tile(width), [&](int64_t begin, int64_t end) {
    for_act(d_out.dtype, [&](auto zero) {
      using T = decltype(zero);
      run([&]() __attribute__((always_inline)) {
        for (int64_t r = begin; r < end; ++r)
          backward_row(row<T>(d_out, r), row<T>(gate_up, r), width, row<T>(d_gate_up, r));
      });
    });
  });
}

}  // namespace aurora::kernels::cpu
