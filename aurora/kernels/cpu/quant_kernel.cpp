#include "aurora/kernels/cpu/quant_kernel.h"

#include <cmath>
#include <cstring>

#include "aurora/kernels/quant_blocks.h"

namespace aurora::kernels::cpu {
namespace {

// Element e of column j of a group, as it is stored.
struct Int8 {
  static constexpr int kSteps = 8, kZero = 128;
  static int element(const uint8_t* steps, int j, int e) { return steps[e / 4 * kStepBytes + j * 4 + e % 4]; }
};
struct Int4 {
  static constexpr int kSteps = 4, kZero = 8;
  static int element(const uint8_t* steps, int j, int e) {
    const int byte = steps[e % 16 / 4 * kStepBytes + j * 4 + e % 4];
    return e < 16 ? byte & 15 : byte >> 4;
  }
};

template <typename Format>
void add_group(const QuantProduct& p, const int32_t* a, const std::byte* w) {
  const auto* scales = reinterpret_cast<const uint16_t*>(w);
  const auto* steps = reinterpret_cast<const uint8_t*>(w + kScaleBytes);
  for (int r = 0; r < p.rows; ++r) {
    int8_t q[kPackGroup];
    for (int s = 0; s < kGroupWords; ++s) std::memcpy(q + s * 4, a + s * p.rows + r, 4);
    float d;
    std::memcpy(&d, a + kGroupWords * p.rows + r, sizeof d);
    for (int j = 0; j < kQuantColumns; ++j) {
      int dot = 0;
      for (int e = 0; e < kPackGroup; ++e) dot += (Format::element(steps, j, e) - Format::kZero) * q[e];
      float& sum = p.sum[r * p.stride + j];
      sum = std::fma(static_cast<float>(dot), f16_to_float(scales[j]) * d, sum);
    }
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
