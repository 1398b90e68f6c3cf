// Sixteen floats at a time, in the compiler's vector types: the same sixteen lanes, and so the same bits,
// whatever the instruction set (isa.h). There is no fused multiply-add. Row ends are loaded with zeros and
// stored in part.
#pragma once

#include <cstdint>
#include <cstring>
#include <type_traits>

#include "aurora/kernels/act.h"

namespace aurora::kernels::cpu {

constexpr int64_t kLanes = 16;
using Lanes = float __attribute__((vector_size(64)));
using LanesI32 = int32_t __attribute__((vector_size(64)));
using LanesU32 = uint32_t __attribute__((vector_size(64)));
using LanesU16 = uint16_t __attribute__((vector_size(32)));

// Calls fn(i, count) for i = 0, 16, 32 ...; count is the constant 16 but for the rest, so that a full step
// compiles to plain vector code. fn must be always_inline.
template <typename Fn>
[[gnu::always_inline]] inline void for_lanes(int64_t size, const Fn& fn) {
  int64_t i = 0;
  for (; i + kLanes <= size; i += kLanes) fn(i, std::integral_constant<int64_t, kLanes>{});
  if (i < size) fn(i, size - i);
}

[[gnu::always_inline]] inline Lanes splat(float value) {
  return Lanes{} + value;
}

[[gnu::always_inline]] inline Lanes load(const float* from, int64_t count = kLanes) {
  Lanes lanes{};
  std::memcpy(&lanes, from, static_cast<size_t>(count) * sizeof(float));
  return lanes;
}
[[gnu::always_inline]] inline void store(float* to, Lanes lanes, int64_t count = kLanes) {
  std::memcpy(to, &lanes, static_cast<size_t>(count) * sizeof(float));
}
[[gnu::always_inline]] inline Lanes load(const bf16* from, int64_t count = kLanes) {
  LanesU16 halves{};
  std::memcpy(&halves, from, static_cast<size_t>(count) * sizeof(bf16));
  return reinterpret_cast<Lanes>(__builtin_convertvector(halves, LanesU32) << 16);
}
// Rounds to nearest even; a NaN stays one, as bf16(float) does.
[[gnu::always_inline]] inline void store(bf16* to, Lanes lanes, int64_t count = kLanes) {
  const LanesU32 u = reinterpret_cast<LanesU32>(lanes);
  const LanesU32 rounded = (u + 0x7fff + ((u >> 16) & 1)) >> 16;
  const LanesU32 nan = (u >> 16) | 0x40;
  const LanesU32 bits = (u & 0x7fffffff) > 0x7f800000 ? nan : rounded;
  const LanesU16 halves = __builtin_convertvector(bits, LanesU16);
  std::memcpy(static_cast<void*>(to), &halves, static_cast<size_t>(count) * sizeof(bf16));
}

// Sum of the lanes along a fixed tree: lane i joins lane i + 8, then 4, 2, 1.
[[gnu::always_inline]] inline float sum(Lanes lanes) {
  float part[kLanes];
  std::memcpy(part, &lanes, sizeof part);
  for (int64_t step = kLanes / 2; step > 0; step /= 2)
    for (int64_t i = 0; i < step; ++i) part[i] += part[i + step];
  return part[0];
}

// e^x with a relative error below 2^-22 for -87 <= x <= 88; below and above it is e^-87 and e^88. NaN stays
// NaN. Reduced by ln 2 in two parts to |f| <= 0.35, then the Taylor polynomial of degree 7, whose remainder
// there is below 2^-27.
[[gnu::always_inline]] inline Lanes exp(Lanes x) {
  constexpr float kRound = 0x1.8p23f;  // adding it rounds to an integer, kept in the low bits
  x = x < -87.0f ? splat(-87.0f) : x;
  x = x > 88.0f ? splat(88.0f) : x;
  const Lanes shifted = x * 0x1.715476p0f + kRound;
  const Lanes n = shifted - kRound;
  const Lanes f = (x - n * 0x1.63p-1f) - n * -0x1.bd0106p-13f;
  Lanes p = splat(1.0f / 5040);
  p = p * f + 1.0f / 720;
  p = p * f + 1.0f / 120;
  p = p * f + 1.0f / 24;
  p = p * f + 1.0f / 6;
  p = p * f + 0.5f;
  p = (p * f) * f + f + 1.0f;
  // p * 2^n by adding n to the exponent.
  return reinterpret_cast<Lanes>(reinterpret_cast<LanesU32>(p) + (reinterpret_cast<LanesU32>(shifted) << 23));
}

// 1 / (1 + e^-x), relative error below 2^-21.
[[gnu::always_inline]] inline Lanes sigmoid(Lanes x) {
  return 1.0f / (1.0f + exp(-x));
}

}  // namespace aurora::kernels::cpu
