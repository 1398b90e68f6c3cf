// 2^t on lanes, for softmax: the argument is a score less its row's maximum.
#pragma once

#include "aurora/kernels/cpu/lanes.h"

namespace aurora::kernels::cpu {

// 2^t for t <= 127, relative error below 2^-21; 1 exactly at 0, 0 exactly below -126 (and at -infinity).
// NaN stays NaN. Reduced to |r| <= 1/2, then a polynomial through the Chebyshev points of (2^r - 1) / r,
// which is off by 2^-22.2.
[[gnu::always_inline]] inline Lanes exp2(Lanes t) {
  constexpr float kRound = 0x1.8p23f;  // adding it rounds to an integer, kept in the low bits
  const Lanes shifted = t + kRound;
  const Lanes r = t - (shifted - kRound);
  Lanes p = splat(0.001338130254f);
  p = p * r + 0.009666368515f;
  p = p * r + 0.05550381014f;
  p = p * r + 0.2402234904f;
  p = p * r + 0.6931471806f;
  p = p * r + 1.0f;
  const Lanes power = reinterpret_cast<Lanes>((reinterpret_cast<LanesU32>(shifted) << 23) + 0x3f800000);
  return t < -126.0f ? Lanes{} : p * power;
}

// Numbers 0 to 15. Places are compared as floats, once: g++ 12 takes a choice of floats by integers, or by
// two comparisons, apart into sixteen scalar ones.
constexpr Lanes kLaneNumbers = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};

// Stores what came out of arithmetic: its NaNs are quiet, so that plain rounding keeps them NaN.
[[gnu::always_inline]] inline void store_result(float* to, Lanes lanes) {
  store(to, lanes);
}
[[gnu::always_inline]] inline void store_result(bf16* to, Lanes lanes) {
  const LanesU32 u = reinterpret_cast<LanesU32>(lanes);
  const LanesU16 halves = __builtin_convertvector((u + 0x7fff + ((u >> 16) & 1)) >> 16, LanesU16);
  std::memcpy(static_cast<void*>(to), &halves, sizeof halves);
}

[[gnu::always_inline]] inline Lanes max(Lanes a, Lanes b) {
  return a > b ? a : b;
}

// The largest lane.
[[gnu::always_inline]] inline float largest(Lanes lanes) {
  lanes =
      max(lanes, __builtin_shufflevector(lanes, lanes, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7));
  lanes = max(lanes, __builtin_shufflevector(lanes, lanes, 4, 5, 6, 7, 0, 1, 2, 3, 4, 5, 6, 7, 0, 1, 2, 3));
  lanes = max(lanes, __builtin_shufflevector(lanes, lanes, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3, 0, 1));
  return lanes[0] > lanes[1] ? lanes[0] : lanes[1];
}

}  // namespace aurora::kernels::cpu
