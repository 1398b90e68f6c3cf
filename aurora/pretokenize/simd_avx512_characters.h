// Characters of two and three bytes to masks, all of a block at once, with AVX-512.
#pragma once

#include "aurora/pretokenize/simd_avx512_bytes.h"
#include "aurora/pretokenize/simd_characters.h"

namespace aurora::pretokenize {

class Avx512Characters {
 public:
  [[gnu::target("avx512vbmi,avx512vbmi2,bmi,bmi2,lzcnt,popcnt")]] explicit Avx512Characters(const char* bytes)
      : bytes_(bytes),
        first_(_mm512_loadu_si512(bytes)),
        second_(_mm512_loadu_si512(bytes + 1)),
        third_(_mm512_loadu_si512(bytes + 2)) {
    const uint64_t goes_on = in_range(second_, 0x80, 64);
    two_ = in_range(first_, 0xc2, 30) & goes_on;
    // No overlong forms, no surrogates.
    const uint64_t from_a0 = in_range(second_, 0xa0, 32);
    const uint64_t bad = (equal(first_, 0xe0) & ~from_a0) | (equal(first_, 0xed) & from_a0);
    three_ = in_range(first_, 0xe0, 16) & goes_on & in_range(third_, 0x80, 64) & ~bad;
  }

  // Adds them to the masks; returns which bytes of `left` are in none of them.
  [[gnu::target("avx512vbmi,avx512vbmi2,bmi,bmi2,lzcnt,popcnt")]] uint64_t add(
      Block& block, uint64_t left, const Traits& of_classes) const {
    Masks& masks = block.masks;
    __m512i traits = traits_of(classes(), of_classes.of_class);
    if (of_classes.cjk) {
      traits = _mm512_mask_mov_epi8(traits, cjk(), _mm512_or_si512(traits, _mm512_set1_epi8(kCjk)));
      masks.cjk |= all_bytes(traits, kCjk);
    }
    masks.letter |= all_bytes(traits, kIsLetter);
    masks.number |= all_bytes(traits, kIsNumber);
    masks.space |= all_bytes(traits, kIsSpace);
    masks.upper |= all_bytes(traits, kIsUpper);
    masks.lower |= all_bytes(traits, kIsLower);
    masks.mark |= all_bytes(traits, kIsMark);
    masks.symbol |= all_bytes(traits, kIsSymbol);
    const uint64_t inner = (two_ | three_) << 1 | three_ << 2;
    masks.inner |= inner;
    if (((two_ | three_) >> 63 | (three_ >> 62 & 1)) != 0) spill(block, traits);
    return left & ~(two_ | three_ | inner);
  }

 private:
  // The unicode::Class of each character at its first byte.
  [[gnu::target("avx512vbmi,avx512vbmi2,bmi,bmi2,lzcnt,popcnt")]] __m512i classes() const {
    constexpr char kLetter = static_cast<char>(unicode::Class::kLetter);
    // U+4E00..9FFF: E4 from B8 on, E5 .. E9.
    const uint64_t chinese =
        three_ & (in_range(first_, 0xe5, 5) | (equal(first_, 0xe4) & in_range(second_, 0xb8, 8)));
    __m512i classes = _mm512_maskz_set1_epi8(chinese, kLetter);
    uint64_t left = (two_ | three_) & ~chinese;
    const uint64_t kana = left & equal(first_, 0xe3) & in_range(second_, 0x80, 4);
    if (kana != 0) classes = _mm512_mask_mov_epi8(classes, kana, kana_classes());
    left &= ~kana;
    if ((left & in_range(first_, 0xea, 4)) != 0) {
      // U+AC00..D77F: EA from B0 on, EB, EC, ED up to 9D.
      const uint64_t korean =
          left & (in_range(first_, 0xeb, 2) | (equal(first_, 0xea) & in_range(second_, 0xb0, 16)) |
                  (equal(first_, 0xed) & in_range(second_, 0x80, 30)));
      classes = _mm512_mask_set1_epi8(classes, korean, kLetter);
      left &= ~korean;
    }
    return left == 0 ? classes : by_pages(left, classes);
  }

  // As if all were of U+3000..30FF.
  [[gnu::target("avx512vbmi,avx512vbmi2,bmi,bmi2,lzcnt,popcnt")]] __m512i kana_classes() const {
    // The six bits of the last byte, above them one of the byte before.
    const __m512i low =
        _mm512_ternarylogic_epi64(_mm512_set1_epi8(0x3f), third_, _mm512_slli_epi16(second_, 6), 0xca);
    const __m512i below_80 = _mm512_permutex2var_epi8(page(0xc0), low, page(0xc1));
    const __m512i from_80 = _mm512_permutex2var_epi8(page(0xc2), low, page(0xc3));
    return _mm512_mask_mov_epi8(below_80, _mm512_test_epi8_mask(second_, _mm512_set1_epi8(2)), from_80);
  }

  // First bytes of U+4E00..9FA5 and U+3040..30FF.
  [[gnu::target("avx512vbmi,avx512vbmi2,bmi,bmi2,lzcnt,popcnt")]] uint64_t cjk() const {
    const uint64_t kana = equal(first_, 0xe3) & in_range(second_, 0x81, 3);
    const uint64_t chinese = in_range(first_, 0xe5, 4) | (equal(first_, 0xe4) & in_range(second_, 0xb8, 8));
    const uint64_t last = equal(first_, 0xe9) & (in_range(second_, 0x80, 0x3e) |
                                                 (equal(second_, 0xbe) & in_range(third_, 0x80, 0x26)));
    return three_ & (kana | chinese | last);
  }

  // Page by page (characters that differ in the last byte only), all characters of a page at once.
  [[gnu::target("avx512vbmi,avx512vbmi2,bmi,bmi2,lzcnt,popcnt")]] __m512i by_pages(uint64_t left,
                                                                                   __m512i classes) const {
    while (left != 0) {
      const size_t at = static_cast<size_t>(__builtin_ctzll(left));
      const uint32_t first = static_cast<uint8_t>(bytes_[at]);
      const uint32_t second = static_cast<uint8_t>(bytes_[at + 1]);
      uint64_t same = left & equal(first_, static_cast<int>(first));
      if (first < 0xe0) {
        classes = _mm512_mask_permutexvar_epi8(classes, same, second_, page(first & 31));
      } else {
        same &= equal(second_, static_cast<int>(second));
        classes =
            _mm512_mask_permutexvar_epi8(classes, same, third_, page((first & 15) << 6 | (second & 63)));
      }
      left &= ~same;
    }
    return classes;
  }

  [[gnu::target("avx512vbmi,avx512vbmi2,bmi,bmi2,lzcnt,popcnt")]] static __m512i page(uint32_t number) {
    const unicode::ClassTable& table = unicode::kClassTable;
    return _mm512_loadu_si512(table.pages[table.page_of[number]].data());
  }

  [[gnu::target("avx512vbmi,avx512vbmi2,bmi,bmi2,lzcnt,popcnt")]] __m512i traits_of(
      __m512i classes, const ClassTraits& of_class) const {
    const __m128i table = _mm_loadu_si128(reinterpret_cast<const __m128i*>(of_class.data()));
    return _mm512_maskz_shuffle_epi8(two_ | three_, _mm512_broadcast_i32x4(table), classes);
  }

  // All bytes of the characters with a trait.
  [[gnu::target("avx512vbmi,avx512vbmi2,bmi,bmi2,lzcnt,popcnt")]] uint64_t all_bytes(__m512i traits,
                                                                                     char trait) const {
    const uint64_t first = _mm512_test_epi8_mask(traits, _mm512_set1_epi8(trait));
    return first | first << 1 | (first & three_) << 2;
  }

  // The last character goes on in the next block.
  [[gnu::target("avx512vbmi,avx512vbmi2,bmi,bmi2,lzcnt,popcnt")]] void spill(Block& block,
                                                                             __m512i traits) const {
    uint8_t bytes[kBlock];
    _mm512_storeu_si512(bytes, traits);
    if (((two_ | three_) >> 63) != 0)
      block.spill = {1 + static_cast<uint32_t>(three_ >> 63), bytes[63]};
    else
      block.spill = {1, bytes[62]};
  }

  static constexpr char kCjk = static_cast<char>(kIsCjk);

  const char* bytes_;
  __m512i first_;   // the block's bytes
  __m512i second_;  // the one behind each
  __m512i third_;
  uint64_t two_;    // first bytes of characters of two bytes
  uint64_t three_;  // of three
};

}  // namespace aurora::pretokenize
