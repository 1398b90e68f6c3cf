// 64 bytes to masks and masks to numbers in plain C++.
#pragma once

#include "aurora/pretokenize/simd_characters.h"

namespace aurora::pretokenize {

// What an ASCII byte is, as bits; others are nothing.
struct AsciiTraits {
  enum Bit { kLetter, kUpper, kNumber, kSpace, kBlank, kNewline, kApostrophe, kSlash };
  uint8_t bits[256] = {};
  constexpr AsciiTraits() {
    for (int c = 0; c < 128; ++c) {
      const bool upper = c >= 'A' && c <= 'Z';
      const bool newline = c == '\n' || c == '\r';
      bits[c] = static_cast<uint8_t>((upper || (c >= 'a' && c <= 'z')) << kLetter | upper << kUpper |
                                     (c >= '0' && c <= '9') << kNumber |
                                     (c == ' ' || (c >= 9 && c <= 13)) << kSpace | (c == ' ') << kBlank |
                                     newline << kNewline | (c == '\'') << kApostrophe | (c == '/') << kSlash);
    }
  }
};
inline constexpr AsciiTraits kAsciiTraits{};

class Portable {
 public:
  [[gnu::always_inline]] static void classify(const char* bytes, Masks& masks) {
    uint64_t printed = 0;  // '!'..'~'
    for (uint32_t i = 0; i < 64; i += 8) {
      uint64_t b = 0;
      uint64_t traits = 0;
      for (uint32_t j = 0; j < 8; ++j) {
        const auto byte = static_cast<uint8_t>(bytes[i + j]);
        b |= uint64_t{byte} << (8 * j);
        traits |= uint64_t{kAsciiTraits.bits[byte]} << (8 * j);
      }
      traits = transposed(traits);
      masks.high |= tops(b) << i;
      masks.letter |= bits(traits, AsciiTraits::kLetter) << i;
      masks.upper |= bits(traits, AsciiTraits::kUpper) << i;
      masks.number |= bits(traits, AsciiTraits::kNumber) << i;
      masks.space |= bits(traits, AsciiTraits::kSpace) << i;
      masks.blank |= bits(traits, AsciiTraits::kBlank) << i;
      masks.newline |= bits(traits, AsciiTraits::kNewline) << i;
      masks.apostrophe |= bits(traits, AsciiTraits::kApostrophe) << i;
      masks.slash |= bits(traits, AsciiTraits::kSlash) << i;
      const uint64_t seven = b & kOnes * 0x7f;
      printed |= tops((seven + kOnes * (0x80 - '!')) & ~(seven + kOnes) & ~b) << i;
    }
    masks.lower = masks.letter & ~masks.upper;
    masks.symbol = printed & ~(masks.letter | masks.number);
  }

  // Knows no characters but ASCII.
  static uint64_t add_characters(Block&, uint64_t left, const Traits&) { return left; }

  [[gnu::always_inline]] static uint32_t* write(uint64_t cuts, uint32_t base, uint32_t* out) {
    for (; cuts != 0; cuts &= cuts - 1) *out++ = base + static_cast<uint32_t>(__builtin_ctzll(cuts));
    return out;
  }

 private:
  static constexpr uint64_t kOnes = 0x0101010101010101;

  // Bit i of byte k becomes bit k of byte i (Hacker's Delight, section 7-3).
  [[gnu::always_inline]] static uint64_t transposed(uint64_t x) {
    uint64_t swap = (x ^ x >> 7) & 0x00aa00aa00aa00aa;
    x ^= swap ^ swap << 7;
    swap = (x ^ x >> 14) & 0x0000cccc0000cccc;
    x ^= swap ^ swap << 14;
    swap = (x ^ x >> 28) & 0x00000000f0f0f0f0;
    return x ^ swap ^ swap << 28;
  }

  [[gnu::always_inline]] static uint64_t bits(uint64_t transposed_traits, AsciiTraits::Bit trait) {
    return transposed_traits >> (8 * trait) & 0xff;
  }

  // The top bits of eight bytes as one byte.
  [[gnu::always_inline]] static uint64_t tops(uint64_t bytes) {
    return ((bytes >> 7 & kOnes) * 0x0102040810204080) >> 56;
  }
};

}  // namespace aurora::pretokenize
