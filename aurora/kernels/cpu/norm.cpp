#include "aurora/kernels/cpu/norm.h"

#include <cmath>

#include "aurora/kernels/cpu/isa.h"
#include "aurora/kernels/cpu/lanes.h"
#include "aurora/kernels/cpu/tiles.h"

namespace aurora::kernels::cpu {
namespace {

constexpr int64_t kColumnTile = 64;  // of the weight gradient
constexpr int64_t kRowBlock = 128;   // rows summed before they join d_weight; part of the result

template <typename T>
[[gnu::always_inline]] inline void forward_row(const T* x, const T* weight, float epsilon, int64_t width,
                                               T* out, float* inv_rms) {
  Lanes squares{};
  for_lanes(
      width, [&](int64_t i, auto count) __attribute__((always_inline)) {
        const Lanes v = load(x + i, count);
        squares += v * v;
      });
  const float scale = 1.0f / std::sqrt(sum(squares) / static_cast<float>(width) + epsilon);
  for_lanes(
      width, [&](int64_t i, auto count) __attribute__((always_inline)) {
        store(out + i, load(x + i, count) * scale * load(weight + i, count), count);
      });
  *inv_rms = scale;
}

// With g = d_out * weight and s = inv_rms: d_x = s * g - x * s^3 * mean(g * x).
template <typename T>
[[gnu::always_inline]] inline void backward_row(const T* d_out, const T* x, const T* weight, float s,
                                                int64_t width, T* d_x) {
  Lanes dot{};
  for_lanes(
      width, [&](int64_t i, auto count) __attribute__((always_inline)) {
        dot += load(d_out + i, count) * load(weight + i, count) * load(x + i, count);
      });
  const float pull = s * s * s * (sum(dot) / static_cast<float>(width));
  for_lanes(
      width, [&](int64_t i, auto count) __attribute__((always_inline)) {
        const Lanes g = load(d_out + i, count) * load(weight + i, count);
        store(d_x + i, s * g - pull * load(x + i, count), count);
      });
}

struct WeightGradient {
  View d_out, x;
  const float* inv_rms;
  float* d_weight;
};

template <typename T>
[[gnu::always_inline]] inline void backward_weight(const WeightGradient& call, int64_t begin, int64_t end) {
  const T* d_out = call.d_out.as<T>() + begin;
  const T* x = call.x.as<T>() + begin;
  const float* inv_rms = call.inv_rms;
  float* d_weight = call.d_weight + begin;
  const int64_t rows = call.x.dim(0), d_stride = call.d_out.stride(0), x_stride = call.x.stride(0);
  for (int64_t block = 0; block < rows; block += kRowBlock) {
    const int64_t block_end = std::min(block + kRowBlock, rows);
    for_lanes(
        end - begin, [&](int64_t i, auto count) __attribute__((always_inline)) {
          Lanes total{};
          for (int64_t r = block; r < block_end; ++r)
            total += load(d_out + r * d_stride + i, count) * (load(x + r * x_stride + i, count) * inv_rms[r]);
          store(d_weight + i, load(d_weight + i, count) + total, count);
        });
  }
}

}  // namespace

void rmsnorm_forward(const Stream& stream, View x, View weight, float epsilon, View out, View inv_rms) {
  const int64_t rows = x.dim(0), width = x.dim(1);
  check_matrix(x, out.dtype, rows, width);
  check_matrix(out, out.dtype, rows, width);
  check_vector(weight, out.dtype, width);
  check_vector(inv_rms, DType::kF32, rows);
  for_tiles(stream, rows, rows_per_tile(width), [&](int64_t begin, int64_t end) {
    for_act(out.dtype, [&](auto zero) {
      using T = decltype(zero);
      const T* w = weight.as<T>();
      float* scale = inv_rms.as<float>();
      run([&]() __attribute__((always_inline)) {
        for (int64_t r = begin; r < end; ++r)
          forward_row(row<T>(x, r), w, epsilon, width, row<T>(out, r), scale + r);
      });
    });
  });
}

void rmsnorm_backward_input(const Stream& stream, View d_out, View x, View weight, View inv_rms, View d_x) {
  const int64_t rows = x.dim(0), width = x.dim(1);
  check_matrix(d_out, x.dtype, rows, width);
  check_matrix(d_x, x.dtype, rows, width);
  check_vector(weight, x.dtype, width);
  check_vector(inv_rms, DType::kF32, rows);
  for_tiles(stream, rows, rows_per_tile(width), [&](int64_t begin, int64_t end) {
    for_act(x.dtype, [&](auto zero) {
      using T = decltype(zero);
      const T* w = weight.as<T>();
      const float* scale = inv_rms.as<float>();
      run([&]() __attribute__((always_inline)) {
        for (int64_t r = begin; r < end; ++r)
          backward_row(row<T>(d_out, r), row<T>(x, r), w, scale[r], width, row<T>(d_x, r));
      });
    });
  });
}

void rmsnorm_backward_weight(const Stream& stream, View d_out, View x, View inv_rms, View d_weight) {
  const int64_t rows = x.dim(0), width = x.dim(1);
  check_matrix(d_out, x.dtype, rows, width);
  check_vector(inv_rms, DType::kF32, rows);
  check_vector(d_weight, DType::kF32, width);
  const WeightGradient call{d_out, x, inv_rms.as<float>(), d_weight.as<float>()};
  for_tiles(stream, width, kColumnTile, [&](int64_t begin, int64_t end) {
    for_act(x.dtype, [&](auto zero) {
      run([&]() __attribute__((always_inline)) { backward_weight<decltype(zero)>(call, begin, end); });
    });
  });
}

}  // namespace aurora::kernels::cpu
