// 64 bytes to masks and masks to numbers with AVX-512 (VBMI, VBMI2: Ice Lake, Zen 4 and later).
#pragma once

#include "aurora/pretokenize/simd_avx512_characters.h"

namespace aurora::pretokenize {

// 0, 1, .. 63.
struct Indices {
  alignas(64) uint8_t bytes[64] = {};
  constexpr Indices() {
    for (int i = 0; i < 64; ++i) bytes[i] = static_cast<uint8_t>(i);
  }
};
inline constexpr Indices kIndices{};

class Avx512 {
 public:
  [[gnu::target("avx512vbmi,avx512vbmi2,bmi,bmi2,lzcnt,popcnt")]] static void classify(const char* bytes,
                                                                                       Masks& masks) {
    const __m512i b = _mm512_loadu_si512(bytes);
    masks.high = _mm512_movepi8_mask(b);
    masks.letter = in_range(_mm512_or_si512(b, _mm512_set1_epi8(0x20)), 'a', 26);
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

  [[gnu::target("avx512vbmi,avx512vbmi2,bmi,bmi2,lzcnt,popcnt")]] static uint64_t add_characters(
      Block& block, uint64_t left, const Traits& traits) {
    // A few are sooner done one by one.
    if (__builtin_popcountll(left) < 12) return left;
    return Avx512Characters(block.bytes).add(block, left, traits);
  }

  [[gnu::target("avx512vbmi,avx512vbmi2,bmi,bmi2,lzcnt,popcnt")]] static uint32_t* write(uint64_t cuts,
                                                                                         uint32_t base,
                                                                                         uint32_t* out) {
    const int count = __builtin_popcountll(cuts);
    const __m512i where = _mm512_maskz_compress_epi8(cuts, _mm512_load_si512(kIndices.bytes));
    const __m512i from = _mm512_set1_epi32(static_cast<int>(base));
    store(out, from, _mm512_castsi512_si128(where));
    if (count > 16) {
      store(out + 16, from, _mm512_extracti32x4_epi32(where, 1));
      if (count > 32) {
        store(out + 32, from, _mm512_extracti32x4_epi32(where, 2));
        store(out + 48, from, _mm512_extracti32x4_epi32(where, 3));
      }
    }
    return out + count;
  }

 private:
  [[gnu::target("avx512vbmi,avx512vbmi2,bmi,bmi2,lzcnt,popcnt")]] static void store(uint32_t* out,
                                                                                    __m512i from,
                                                                                    __m128i where) {
    _mm512_storeu_si512(out, _mm512_add_epi32(from, _mm512_cvtepu8_epi32(where)));
  }
};

}  // namespace aurora::pretokenize
