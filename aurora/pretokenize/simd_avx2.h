// 64 bytes to masks and masks to numbers with AVX2 (Haswell, Zen and later).
#pragma once

#include "aurora/pretokenize/simd_avx2_characters.h"

namespace aurora::pretokenize {

// Row m: the numbers of the bits set in m, ascending.
struct BitsOfByte {
  alignas(8) uint8_t rows[256][8] = {};
  constexpr BitsOfByte() {
    for (int m = 0; m < 256; ++m) {
      int count = 0;
      for (int bit = 0; bit < 8; ++bit) {
        if ((m >> bit & 1) != 0) rows[m][count++] = static_cast<uint8_t>(bit);
      }
    }
  }
};
inline constexpr BitsOfByte kBitsOfByte{};

class Avx2 {
 public:
  [[gnu::target("avx2,bmi,bmi2,lzcnt,popcnt")]] static void classify(const char* bytes, Masks& masks) {
    const Bytes b{_mm256_loadu_si256(reinterpret_cast<const __m256i*>(bytes)),
                  _mm256_loadu_si256(reinterpret_cast<const __m256i*>(bytes + 32))};
    const __m256i case_bit = _mm256_set1_epi8(0x20);
    masks.high = tops(b.low, b.high);
    masks.letter = in_range({_mm256_or_si256(b.low, case_bit), _mm256_or_si256(b.high, case_bit)}, 'a', 26);
    masks.number = in_range(b, '0', 10);
    masks.blank = equal(b, ' ');
    masks.space = in_range(b, 9, 5) | masks.blank;
    masks.newline = equal(b, '\n') | equal(b, '\r');
    masks.apostrophe = equal(b, '\'');
    masks.slash = equal(b, '/');
    masks.upper = in_range(b, 'A', 26);
    masks.lower = masks.letter & ~masks.upper;
    masks.symbol = in_range(b, '!', '~' - '!' + 1) & ~(masks.letter | masks.number);
  }

  [[gnu::target("avx2,bmi,bmi2,lzcnt,popcnt")]] static uint64_t add_characters(Block& block, uint64_t left,
                                                                               const Traits& traits) {
    // A few are sooner done one by one; kIsCjk is told only there.
    if (traits.cjk || __builtin_popcountll(left) < 12) return left;
    return Avx2Characters::add(block, left);
  }

  // Eight bits at a time, without a branch.
  [[gnu::target("avx2,bmi,bmi2,lzcnt,popcnt")]] static uint32_t* write(uint64_t cuts, uint32_t base,
                                                                       uint32_t* out) {
    for (uint32_t i = 0; i < 64; i += 8) {
      const uint32_t byte = cuts >> i & 0xff;
      const __m128i row = _mm_loadl_epi64(reinterpret_cast<const __m128i*>(kBitsOfByte.rows[byte]));
      const __m256i where =
          _mm256_add_epi32(_mm256_cvtepu8_epi32(row), _mm256_set1_epi32(static_cast<int>(base + i)));
      _mm256_storeu_si256(reinterpret_cast<__m256i*>(out), where);
      out += __builtin_popcount(byte);
    }
    return out;
  }

 private:
  struct Bytes {
    __m256i low;
    __m256i high;
  };

  [[gnu::target("avx2,bmi,bmi2,lzcnt,popcnt")]] static uint64_t tops(__m256i low, __m256i high) {
    return static_cast<uint32_t>(_mm256_movemask_epi8(low)) |
           uint64_t{static_cast<uint32_t>(_mm256_movemask_epi8(high))} << 32;
  }

  [[gnu::target("avx2,bmi,bmi2,lzcnt,popcnt")]] static uint64_t equal(const Bytes& bytes, char one) {
    const __m256i same = _mm256_set1_epi8(one);
    return tops(_mm256_cmpeq_epi8(bytes.low, same), _mm256_cmpeq_epi8(bytes.high, same));
  }

  [[gnu::target("avx2,bmi,bmi2,lzcnt,popcnt")]] static uint64_t in_range(const Bytes& bytes, char first,
                                                                         char count) {
    const __m256i from = _mm256_set1_epi8(first);
    const __m256i most = _mm256_set1_epi8(static_cast<char>(count - 1));
    const __m256i low = _mm256_sub_epi8(bytes.low, from);
    const __m256i high = _mm256_sub_epi8(bytes.high, from);
    return tops(_mm256_cmpeq_epi8(_mm256_min_epu8(low, most), low),
                _mm256_cmpeq_epi8(_mm256_min_epu8(high, most), high));
  }
};

}  // namespace aurora::pretokenize
