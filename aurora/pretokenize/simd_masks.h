// Scanners that look at 64 bytes at a time: each class of characters is a 64-bit mask, and the rules of a
// scheme are arithmetic on masks. What differs between instruction sets is only how bytes become masks and
// how a mask becomes numbers (simd_avx512.h, simd_avx2.h, simd_portable.h); all else is written once.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "aurora/unicode/classes.h"

namespace aurora::pretokenize {

// Bit i tells of byte i of a block. All bytes of a character are in the mask of its class; an invalid byte is
// in no mask but `high`.
struct Masks {
  uint64_t letter = 0;
  uint64_t number = 0;
  uint64_t space = 0;
  uint64_t newline = 0;  // \r and \n
  uint64_t blank = 0;    // ' ' only
  uint64_t apostrophe = 0;
  uint64_t slash = 0;
  uint64_t upper = 0;   // Lu and Lt
  uint64_t lower = 0;   // Ll
  uint64_t mark = 0;    // M
  uint64_t symbol = 0;  // P and S
  uint64_t cjk = 0;     // U+4E00..9FA5, U+3040..30FF: besides their class
  uint64_t high = 0;    // bytes that are not ASCII
  uint64_t inner = 0;   // bytes of a character behind its first
};

// The masks that a character belongs to, as bits.
enum Trait : uint8_t {
  kIsLetter = 1,
  kIsNumber = 2,
  kIsSpace = 4,
  kIsUpper = 8,
  kIsLower = 16,
  kIsMark = 32,
  kIsSymbol = 64,
  kIsCjk = 128
};

// Those of each unicode::Class.
using ClassTraits = std::array<uint8_t, 16>;
constexpr ClassTraits make_traits(bool marks_are_letters = false) {
  using unicode::Class;
  ClassTraits traits{};
  for (int i = 0; i < 16; ++i) {
    const auto any = [i](unicode::ClassSet set, Trait trait) { return (set >> i & 1) != 0 ? trait : 0; };
    traits[i] = static_cast<uint8_t>(any(unicode::kLetters, kIsLetter) | any(unicode::kNumbers, kIsNumber) |
                                     any(unicode::kSpaces, kIsSpace) | any(unicode::kMarks, kIsMark) |
                                     any(unicode::kPunctuationAndSymbols, kIsSymbol) |
                                     any(unicode::set_of(Class::kUpper, Class::kTitle), kIsUpper) |
                                     any(unicode::set_of(Class::kLower), kIsLower));
  }
  if (marks_are_letters) traits[static_cast<int>(Class::kMark)] |= kIsLetter;
  return traits;
}

struct Traits {
  ClassTraits of_class;
  bool cjk = false;  // whether kIsCjk is wanted
};

// The last character of a block: how many of its bytes are in the next one, and its traits.
struct Spill {
  uint32_t bytes = 0;
  uint8_t traits = 0;
};

// 64 bytes of the text and what is known of them.
struct Block {
  std::string_view text;
  size_t base = 0;              // the block is text[base..base + 64)
  const char* bytes = nullptr;  // the same bytes, or a copy with spaces behind the text's end; 67 can be read
  Masks masks;
  Spill spill;
};

constexpr size_t kBlock = 64;
constexpr size_t kReadable = kBlock + 3;

}  // namespace aurora::pretokenize
