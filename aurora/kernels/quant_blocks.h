// For kernel sources only: ggml's blocks of 32 weights as they are stored, and f16 as a number.
#pragma once

#include <bit>
#include <cstdint>

namespace aurora::kernels {

struct Q8Block {
  uint16_t d;  // f16
  int8_t q[32];
};
struct Q4Block {
  uint16_t d;     // f16
  uint8_t q[16];  // low nibbles: elements 0 .. 15, high nibbles: 16 .. 31; each 8 too large
};
static_assert(sizeof(Q8Block) == 34 && sizeof(Q4Block) == 18);

// Exact: every f16 is an f32.
inline float f16_to_float(uint16_t half) {
  const uint32_t sign = static_cast<uint32_t>(half & 0x8000) << 16, magnitude = half & 0x7fff;
  if (magnitude >= 0x7c00) return std::bit_cast<float>(sign | 0x7f800000 | (magnitude & 0x3ff) << 13);
  if (magnitude < 0x400) {  // zero and subnormals: a whole number of 2^-24
    const float value = static_cast<float>(magnitude) * 0x1p-24f;
    return sign ? -value : value;
  }
  return std::bit_cast<float>(sign | ((magnitude << 13) + (112u << 23)));
}

}  // namespace aurora::kernels
