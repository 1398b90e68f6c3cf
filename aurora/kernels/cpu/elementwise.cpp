#include "aurora/kernels/cpu/elementwise.h"

#include <vector>

#include "aurora/kernels/cpu/isa.h"
#include "aurora/kernels/cpu/lanes.h"
#include "aurora/kernels/cpu/tiles.h"

namespace aurora::kernels::cpu {
namespace {

constexpr int64_t kTile = 32768;
constexpr int64_t kSumBlock = 4096;  // part of the result of sum_squares
constexpr int64_t kColumnTile = 64;  // of a bias's gradient
constexpr int64_t kRowBlock = 128;   // rows summed before they join it; part of the result

using Doubles = double __attribute__((vector_size(64)));  // 8 lanes

// x[0, size) squared and summed in sixteen lanes of f64, which join along a fixed tree.
[[gnu::always_inline]] inline void sum_squares_block(const float* x, int64_t size, double* out) {
  using Half = float __attribute__((vector_size(32)));
  Doubles low{}, high{};
  for_lanes(
      size, [&](int64_t i, auto count) __attribute__((always_inline)) {
        Half halves[2] = {};
        std::memcpy(&halves, x + i, static_cast<size_t>(count) * sizeof(float));
        const Doubles a = __builtin_convertvector(halves[0], Doubles);
        const Doubles b = __builtin_convertvector(halves[1], Doubles);
        low += a * a;
        high += b * b;
      });
  const Doubles both = low + high;
  double part[8];
  std::memcpy(part, &both, sizeof part);
  *out = ((part[0] + part[4]) + (part[2] + part[6])) + ((part[1] + part[5]) + (part[3] + part[7]));
}

// Columns [begin, end).
template <typename T>
[[gnu::always_inline]] inline void sum_rows(const View& d_out, float* d_bias, int64_t begin, int64_t end) {
  const int64_t rows = d_out.dim(0), stride = d_out.stride(0);
  const T* data = d_out.as<T>() + begin;
  for (int64_t block = 0; block < rows; block += kRowBlock) {
    const int64_t block_end = std::min(block + kRowBlock, rows);
    for_lanes(
        end - begin, [&](int64_t i, auto count) __attribute__((always_inline)) {
          Lanes total{};
          for (int64_t r = block; r < block_end; ++r) total += load(data + r * stride + i, count);
          store(d_bias + begin + i, load(d_bias + begin + i, count) + total, count);
        });
  }
}

}  // namespace

void bias_forward(const Stream& stream, View x, View bias) {
  const int64_t rows = x.dim(0), width = x.dim(1);
  check_matrix(x, bias.dtype, rows, width);
  check_vector(bias, bias.dtype, width);
  for_tiles(stream, rows, rows_per_tile(width), [&](int64_t begin, int64_t end) {
    for_act(x.dtype, [&](auto zero) {
      using T = decltype(zero);
      const T* addend = bias.as<T>();
      run([&]() __attribute__((always_inline)) {
        for (int64_t r = begin; r < end; ++r) {
          T* to = row<T>(x, r);
          for_lanes(
              width, [&](int64_t i, auto count) __attribute__((always_inline)) {
                store(to + i, load(to + i, count) + load(addend + i, count), count);
              });
        }
      });
    });
  });
}

void bias_backward(const Stream& stream, View d_out, View d_bias) {
  const int64_t width = d_out.dim(1);
  check_matrix(d_out, d_out.dtype, d_out.dim(0), width);
  check_vector(d_bias, DType::kF32, width);
  float* to = d_bias.as<float>();
  for_tiles(stream, width, kColumnTile, [&](int64_t begin, int64_t end) {
    for_act(d_out.dtype, [&](auto zero) {
      run([&]() __attribute__((always_inline)) { sum_rows<decltype(zero)>(d_out, to, begin, end); });
    });
  });
}

void add(const Stream& stream, View a, View b, View out) {
  const int64_t size = out.elements();
  check_vector(a, out.dtype, size);
  check_vector(b, out.dtype, size);
  check_vector(out, out.dtype, size);
  for_tiles(stream, size, kTile, [&](int64_t begin, int64_t end) {
    for_act(out.dtype, [&](auto zero) {
      using T = decltype(zero);
      const T* left = a.as<T>() + begin;
      const T* right = b.as<T>() + begin;
      T* to = out.as<T>() + begin;
      run([&]() __attribute__((always_inline)) {
        for_lanes(
            end - begin, [&](int64_t i, auto count) __attribute__((always_inline)) {
              store(to + i, load(left + i, count) + load(right + i, count), count);
            });
      });
    });
  });
}

void cast(const Stream& stream, View from, View to) {
  const int64_t size = to.elements();
  check_vector(from, from.dtype, size);
  check_vector(to, to.dtype, size);
  for_tiles(stream, size, kTile, [&](int64_t begin, int64_t end) {
    for_act(from.dtype, [&](auto from_zero) {
      for_act(to.dtype, [&](auto to_zero) {
        const auto* source = from.as<decltype(from_zero)>() + begin;
        auto* target = to.as<decltype(to_zero)>() + begin;
        run([&]() __attribute__((always_inline)) {
          for_lanes(
              end - begin, [&](int64_t i, auto count) __attribute__((always_inline)) {
                store(target + i, load(source + i, count), count);
              });
        });
      });
    });
  });
}

void sum_squares(const Stream& stream, View x, double* out) {
  const int64_t size = x.elements();
  check_vector(x, DType::kF32, size);
  const int64_t blocks = (size + kSumBlock - 1) / kSumBlock;
  std::vector<double> sums(static_cast<size_t>(std::max<int64_t>(blocks, 1)), 0.0);
  for_tiles(stream, blocks, kTile / kSumBlock, [&](int64_t begin, int64_t end) {
    const float* data = x.as<float>();
    double* to = sums.data();
    run([&]() __attribute__((always_inline)) {
      for (int64_t block = begin; block < end; ++block)
        sum_squares_block(data + block * kSumBlock, std::min(kSumBlock, size - block * kSumBlock),
                          to + block);
    });
  });
  // Neighbours join, then neighbours of neighbours.
  const size_t count = sums.size();
  for (size_t step = 1; step < count; step *= 2)
    for (size_t i = 0; i + step < count; i += 2 * step) sums[i] += sums[i + step];
  *out = sums[0];
}

}  // namespace aurora::kernels::cpu
