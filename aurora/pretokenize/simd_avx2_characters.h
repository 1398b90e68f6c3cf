// The most frequent letters of two and three bytes to masks, all of a block at once, with AVX2: Chinese,
// Japanese, Korean, and those of Western European languages and of Russian. Others are for add_one_by_one.
#pragma once

#include <immintrin.h>

#include "aurora/pretokenize/simd_characters.h"

namespace aurora::pretokenize {

// First bytes of letters.
struct LetterStarts {
  uint64_t upper = 0;  // of two bytes
  uint64_t lower = 0;  // of two bytes
  uint64_t three = 0;  // of three, without case
};

class Avx2Characters {
 public:
  // Adds them to the masks; returns which bytes of `left` are in none of them.
  [[gnu::target("avx2,bmi,bmi2,lzcnt,popcnt")]] static uint64_t add(Block& block, uint64_t left) {
    const Half low(block.bytes);
    const Half high(block.bytes + 32);
    const LetterStarts starts{tops(low.upper(), high.upper()), tops(low.lower(), high.lower()),
                              tops(low.three(), high.three())};
    return add_letters(block, left, starts);
  }

 private:
  [[gnu::target("avx2,bmi,bmi2,lzcnt,popcnt")]] static uint64_t tops(__m256i low, __m256i high) {
    return static_cast<uint32_t>(_mm256_movemask_epi8(low)) |
           uint64_t{static_cast<uint32_t>(_mm256_movemask_epi8(high))} << 32;
  }

  static uint64_t add_letters(Block& block, uint64_t left, const LetterStarts& starts) {
    const uint64_t two = starts.upper | starts.lower;
    const uint64_t inner = (two | starts.three) << 1 | starts.three << 2;
    block.masks.letter |= two | starts.three | inner;
    block.masks.upper |= starts.upper | starts.upper << 1;
    block.masks.lower |= starts.lower | starts.lower << 1;
    block.masks.inner |= inner;
    if ((two | starts.three) >> 63 != 0 || (starts.three >> 62 & 1) != 0) {
      const uint32_t cased = starts.upper >> 63 != 0 ? kIsUpper : starts.lower >> 63 != 0 ? kIsLower : 0;
      block.spill = {1 + static_cast<uint32_t>(starts.three >> 63), static_cast<uint8_t>(kIsLetter | cased)};
    }
    return left & ~(two | starts.three | inner);
  }

  // 32 bytes; masks have a byte of ones for each of them.
  class Half {
   public:
    [[gnu::target("avx2,bmi,bmi2,lzcnt,popcnt")]] explicit Half(const char* bytes)
        : first_(load(bytes)),
          second_(load(bytes + 1)),
          third_(load(bytes + 2)),
          second_goes_on_(goes_on(second_)) {}

    // U+00C0..00DE but for U+00D7, U+0400..042F.
    [[gnu::target("avx2,bmi,bmi2,lzcnt,popcnt")]] __m256i upper() const {
      const __m256i latin = _mm256_andnot_si256(equal(second_, 0x97), in_range(second_, 0x80, 31));
      return _mm256_or_si256(both(equal(first_, 0xc3), latin),
                             both(equal(first_, 0xd0), in_range(second_, 0x80, 48)));
    }
    // U+00DF..00FF but for U+00F7, U+0430..045F.
    [[gnu::target("avx2,bmi,bmi2,lzcnt,popcnt")]] __m256i lower() const {
      const __m256i latin = _mm256_andnot_si256(equal(second_, 0xb7), in_range(second_, 0x9f, 33));
      const __m256i russian = _mm256_or_si256(both(equal(first_, 0xd0), in_range(second_, 0xb0, 16)),
                                              both(equal(first_, 0xd1), in_range(second_, 0x80, 32)));
      return _mm256_or_si256(both(equal(first_, 0xc3), latin), russian);
    }
    [[gnu::target("avx2,bmi,bmi2,lzcnt,popcnt")]] __m256i three() const {
      const __m256i letters = _mm256_or_si256(_mm256_or_si256(chinese(), korean()), kana());
      return both(letters, both(second_goes_on_, goes_on(third_)));
    }

   private:
    [[gnu::target("avx2,bmi,bmi2,lzcnt,popcnt")]] static __m256i load(const char* bytes) {
      return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(bytes));
    }
    [[gnu::target("avx2,bmi,bmi2,lzcnt,popcnt")]] static __m256i both(__m256i a, __m256i b) {
      return _mm256_and_si256(a, b);
    }
    [[gnu::target("avx2,bmi,bmi2,lzcnt,popcnt")]] static __m256i equal(__m256i bytes, int one) {
      return _mm256_cmpeq_epi8(bytes, _mm256_set1_epi8(static_cast<char>(one)));
    }
    [[gnu::target("avx2,bmi,bmi2,lzcnt,popcnt")]] static __m256i in_range(__m256i bytes, int first,
                                                                          int count) {
      const __m256i above = _mm256_sub_epi8(bytes, _mm256_set1_epi8(static_cast<char>(first)));
      return _mm256_cmpeq_epi8(_mm256_min_epu8(above, _mm256_set1_epi8(static_cast<char>(count - 1))), above);
    }
    // 0x80..0xbf: as signed numbers, those below 0xc0.
    [[gnu::target("avx2,bmi,bmi2,lzcnt,popcnt")]] static __m256i goes_on(__m256i bytes) {
      return _mm256_cmpgt_epi8(_mm256_set1_epi8(static_cast<char>(0xc0)), bytes);
    }

    // U+4E00..9FFF: E4 from B8 on, E5 .. E9.
    [[gnu::target("avx2,bmi,bmi2,lzcnt,popcnt")]] __m256i chinese() const {
      return _mm256_or_si256(both(equal(first_, 0xe4), in_range(second_, 0xb8, 8)),
                             in_range(first_, 0xe5, 5));
    }
    // U+AC00..D77F: EA from B0 on, EB, EC, ED up to 9D.
    [[gnu::target("avx2,bmi,bmi2,lzcnt,popcnt")]] __m256i korean() const {
      const __m256i ends = _mm256_or_si256(both(equal(first_, 0xea), in_range(second_, 0xb0, 16)),
                                           both(equal(first_, 0xed), in_range(second_, 0x80, 30)));
      return _mm256_or_si256(ends, in_range(first_, 0xeb, 2));
    }
    // U+3041..30FF but for U+3097..309C, U+30A0, U+30FB.
    [[gnu::target("avx2,bmi,bmi2,lzcnt,popcnt")]] __m256i kana() const {
      const __m256i none_82 = _mm256_or_si256(in_range(third_, 0x97, 6), equal(third_, 0xa0));
      const __m256i in_81 = _mm256_andnot_si256(equal(third_, 0x80), equal(second_, 0x81));
      const __m256i in_82 = _mm256_andnot_si256(none_82, equal(second_, 0x82));
      const __m256i in_83 = _mm256_andnot_si256(equal(third_, 0xbb), equal(second_, 0x83));
      return both(equal(first_, 0xe3), _mm256_or_si256(_mm256_or_si256(in_81, in_82), in_83));
    }

    __m256i first_;
    __m256i second_;  // the byte behind each
    __m256i third_;
    __m256i second_goes_on_;
  };
};

}  // namespace aurora::pretokenize
