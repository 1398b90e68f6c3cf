// 64 bytes to masks and masks to numbers in plain C++: eight bytes in one word.
#pragma once

#include "aurora/pretokenize/simd_masks.h"

namespace aurora::pretokenize {

class Portable {
 public:
  [[gnu::always_inline]] static void classify(const char* bytes, Masks& masks) {
    for (uint32_t i = 0; i < 64; i += 8) {
      const uint64_t b = load(bytes + i);
      const uint64_t letter = in_range(b | kOnes * 0x20, 'a', 26) & ~b;
      const uint64_t blank = in_range(b, ' ', 1) & ~b;
      const uint64_t upper = in_range(b, 'A', 26) & ~b;
      masks.high |= tops(b) << i;
      masks.letter |= tops(letter) << i;
      const uint64_t number = in_range(b, '0', 10) & ~b;
      masks.number |= tops(number) << i;
      masks.blank |= tops(blank) << i;
      masks.space |= tops((in_range(b, 9, 5) & ~b) | blank) << i;
      masks.newline |= tops((in_range(b, '\n', 1) | in_range(b, '\r', 1)) & ~b) << i;
      masks.apostrophe |= tops(in_range(b, '\'', 1) & ~b) << i;
      masks.slash |= tops(in_range(b, '/', 1) & ~b) << i;
      masks.upper |= tops(upper) << i;
      masks.lower |= tops(letter & ~upper) << i;
      masks.symbol |= tops(in_range(b, '!', '~' - '!' + 1) & ~(b | letter | number)) << i;
    }
  }

  static uint64_t add_characters(Block&, uint64_t left, const Traits&) { return left; }

  [[gnu::always_inline]] static uint32_t* write(uint64_t cuts, uint32_t base, uint32_t* out) {
    for (; cuts != 0; cuts &= cuts - 1) *out++ = base + static_cast<uint32_t>(__builtin_ctzll(cuts));
    return out;
  }

 private:
  static constexpr uint64_t kOnes = 0x0101010101010101;

  // Little-endian on any machine; compilers make one load of it.
  [[gnu::always_inline]] static uint64_t load(const char* bytes) {
    uint64_t word = 0;
    for (int i = 0; i < 8; ++i) word |= uint64_t{static_cast<uint8_t>(bytes[i])} << (8 * i);
    return word;
  }

  // Top bits of the bytes whose lower seven bits are in first .. first + count - 1; other bits are garbage.
  [[gnu::always_inline]] static uint64_t in_range(uint64_t bytes, uint32_t first, uint32_t count) {
    const uint64_t seven = bytes & kOnes * 0x7f;
    return (seven + kOnes * (0x80 - first)) & ~(seven + kOnes * (0x80 - first - count));
  }

  // The top bits of eight bytes as one byte.
  [[gnu::always_inline]] static uint64_t tops(uint64_t bytes) {
    return ((bytes >> 7 & kOnes) * 0x0102040810204080) >> 56;
  }
};

}  // namespace aurora::pretokenize
