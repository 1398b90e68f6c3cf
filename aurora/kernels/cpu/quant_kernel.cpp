#include "aurora/kernels/cpu/quant_kernel.h"

#include <cmath>
#include <cstring>

#include "aurora/kernels/quant_blocks.h"

namespace aurora::kernels::cpu {
namespace {

// A group's weights as numbers.
using Weights = int16_t[kPackGroup][kQuantColumns];

struct Int8 {
  static constexpr int kSteps = 8;
  static void unpack(const uint8_t* steps, Weights& w) {
    for (int e = 0; e < kPackGroup; ++e)
      for (int j = 0; j < kQuantColumns; ++j)
        w[e][j] = static_cast<int16_t>(steps[e / 4 * kStepBytes + j * 4 + e % 4] - 128);
  }
};
struct Int4 {
  static constexpr int kSteps = 4;
  static void unpack(const uint8_t* steps, Weights& w) {
    for (int e = 0; e < kPackGroup / 2; ++e)
      for (int j = 0; j < kQuantColumns; ++j) {
        const int byte = steps[e / 4 * kStepBytes + j * 4 + e % 4];
        w[e][j] = static_cast<int16_t>((byte & 15) - 8);
        w[e + 16][j] = static_cast<int16_t>((byte >> 4) - 8);
      }
  }
};

template <typename Format>
void add_group(const QuantProduct& p, const int32_t* a, const std::byte* w) {
  const auto* scales = reinterpret_cast<const uint16_t*>(w);
  Weights weights;
  Format::unpack(reinterpret_cast<const uint8_t*>(w + kScaleBytes), weights);
  float scale[kQuantColumns];
  for (int j = 0; j < kQuantColumns; ++j) scale[j] = f16_to_float(scales[j]);
  for (int r = 0; r < p.rows; ++r) {
    int8_t q[kPackGroup];
    for (int s = 0; s < kGroupWords; ++s) std::memcpy(q + s * 4, a + s * p.rows + r, 4);
    float d;
    std::memcpy(&d, a + kGroupWords * p.rows + r, sizeof d);
    int32_t dot[kQuantColumns] = {};
    for (int e = 0; e < kPackGroup; ++e)
      for (int j = 0; j < kQuantColumns; ++j) dot[j] += weights[e][j] * int16_t{q[e]};
    float* sum = p.sum + r * p.stride;
    for (int j = 0; j < kQuantColumns; ++j)
      sum[j] = std::fma(static_cast<float>(dot[j]), scale[j] * d, sum[j]);
  }
}

template <typename Format>
void run(const QuantProduct& p) {
  if (!p.add) {
    for (int r = 0; r < p.rows; ++r) std::memset(p.sum + r * p.stride, 0, kQuantColumns * sizeof(float));
  }
  for (int64_t g = 0; g < p.groups; ++g)
    add_group<Format>(p, p.a + g * quant_group_words(p.rows), p.w + g * quant_group_bytes(Format::kSteps));
}

}  // namespace

const QuantKernel kPortableQuantKernel{"portable", run<Int8>, run<Int4>};

std::vector<const QuantKernel*> usable_quant_kernels() {
  std::vector<const QuantKernel*> usable;
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
      __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl") &&
      __builtin_cpu_supports("avx512vnni"))
    usable.push_back(&kAvx512VnniQuantKernel);
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("f16c"))
    usable.push_back(&kAvx2QuantKernel);
  usable.push_back(&kPortableQuantKernel);
  return usable;
}

}  // namespace aurora::kernels::cpu
