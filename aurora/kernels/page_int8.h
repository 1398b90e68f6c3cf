// The rounding of keys and values in int8 pages (paged.h), for every backend.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "aurora/kernels/act.h"

namespace aurora::kernels {

// x[0, size) as q * scale: scale is the largest magnitude / 127, q the nearest whole number, to even. A head
// that is all but zero (below 2^-100) becomes zeros; one with an infinity or NaN becomes NaN.
template <typename T>
float quantise_head(const T* x, int64_t size, int8_t* q) {
  float largest = 0;
  bool finite = true;
  for (int64_t i = 0; i < size; ++i) {
    const float magnitude = std::fabs(to_float(x[i]));
    finite &= std::isfinite(magnitude);
    largest = std::max(largest, magnitude);
  }
  if (!finite || largest < 0x1p-100f) {
    std::fill(q, q + size, int8_t{1});
    return finite ? 0.0f : __builtin_nanf("");
  }
  const float inverse = 127.0f / largest;
  for (int64_t i = 0; i < size; ++i) q[i] = static_cast<int8_t>(std::lrint(to_float(x[i]) * inverse));
  return largest / 127.0f;
}

}  // namespace aurora::kernels
