#include <bit>
#include <cmath>
#include <limits>

#include "aurora/kernels/packed.h"

namespace aurora::kernels {

QuantisedGroup quantise_group(const float* x) {
  uint32_t largest = 0;  // magnitudes ordered as integers: a NaN is above infinity
  for (int i = 0; i < kPackGroup; ++i)
    largest = std::max(largest, std::bit_cast<uint32_t>(x[i]) & 0x7fffffff);
  QuantisedGroup group{};
  const float m = std::bit_cast<float>(largest);
  if (largest >= 0x7f800000) {
    group.d = std::numeric_limits<float>::quiet_NaN();
  } else if (m >= 0x1p-100f) {
    const float inverse = 127.0f / m;
    for (int i = 0; i < kPackGroup; ++i) group.q[i] = static_cast<int8_t>(std::nearbyint(x[i] * inverse));
    group.d = m / 127.0f;
  }
  return group;
}

}  // namespace aurora::kernels
