// Classes of characters that pre-tokenization tells apart, and the fast way to the class of the next
// character of a text. Unicode 16.0, as both tiktoken 0.14.0 (Rust's regex) and HF tokenizers 0.23.3
// (Oniguruma) have it: an own table, so that a tokenizer does not change with the ICU beside it. Everything
// here is constant.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace aurora::unicode {

// Every code point has one. Surrogates are kOther.
enum class Class : uint8_t {
  kOther,        // \p{C} (control, format, private, not assigned) that is no space
  kUpper,        // \p{Lu}
  kLower,        // \p{Ll}
  kTitle,        // \p{Lt}
  kModifier,     // \p{Lm}
  kLetter,       // \p{Lo}: letters without case, Chinese and Japanese ones among them
  kMark,         // \p{M}
  kDigit,        // \p{Nd}
  kNumber,       // \p{Nl}, \p{No}
  kPunctuation,  // \p{P}
  kSymbol,       // \p{S}
  kSpace,        // White_Space (\s) that is no line end
  kLineEnd,      // \r, \n
};

// A set of classes: bit i stands for class i.
using ClassSet = uint32_t;
constexpr ClassSet set_of(Class one) {
  return ClassSet{1} << static_cast<int>(one);
}
template <class... Classes>
constexpr ClassSet set_of(Class first, Classes... others) {
  return (set_of(first) | ... | set_of(others));
}
constexpr bool contains(ClassSet set, Class one) {
  return (set >> static_cast<int>(one) & 1) != 0;
}
constexpr ClassSet kLetters =  // \p{L}
    set_of(Class::kUpper, Class::kLower, Class::kTitle, Class::kModifier, Class::kLetter);
constexpr ClassSet kNumbers = set_of(Class::kDigit, Class::kNumber);  // \p{N}
constexpr ClassSet kSpaces = set_of(Class::kSpace, Class::kLineEnd);  // \s
constexpr ClassSet kMarks = set_of(Class::kMark);                     // \p{M}
constexpr ClassSet kPunctuationAndSymbols = set_of(Class::kPunctuation, Class::kSymbol);
constexpr ClassSet kAllClasses = (ClassSet{1} << 13) - 1;

// Two levels: 64 characters to a page, which are those that differ in the last byte of UTF-8 only. A page of
// one class is shared by all that are like it: page number = class.
struct ClassTable {
  static constexpr size_t kPageCount = 0x110000 / 64;
  static constexpr size_t kPages = 433;  // 16 shared ones, then mixed ones in order
  std::array<uint16_t, kPageCount> page_of;
  std::array<std::array<Class, 64>, kPages> pages;
};
extern const ClassTable kClassTable;
extern const std::array<Class, 128> kAsciiClasses;

// code_point <= 0x10ffff.
inline Class of(uint32_t code_point) {
  return kClassTable.pages[kClassTable.page_of[code_point >> 6]][code_point & 63];
}

struct Char {
  uint32_t code_point = 0;  // U+FFFD for a byte that is not part of valid UTF-8
  Class kind = Class::kOther;
  uint8_t bytes = 0;  // 1..4; 1 for an invalid byte, which is a kOther of its own
};

// The same for what does not start with an ASCII byte; at < text.size().
Char read_rare(std::string_view text, size_t at);

// The character at text[at]; at < text.size(). Valid is what RFC 3629 says (no surrogates, no overlong
// forms).
inline Char read(std::string_view text, size_t at) {
  const uint32_t first = static_cast<uint8_t>(text[at]);
  if (first < 0x80) return {first, kAsciiClasses[first], 1};
  const size_t left = text.size() - at;
  // Most characters of two and three bytes need no more checks than these.
  if (first >= 0xe1 && first <= 0xef && first != 0xed && left >= 3) {
    const uint32_t second = static_cast<uint8_t>(text[at + 1]);
    const uint32_t third = static_cast<uint8_t>(text[at + 2]);
    if ((second & 0xc0) == 0x80 && (third & 0xc0) == 0x80) {
      const uint32_t page = (first & 15) << 6 | (second & 63);
      return {page << 6 | (third & 63), kClassTable.pages[kClassTable.page_of[page]][third & 63], 3};
    }
  }
  if (first >= 0xc2 && first <= 0xdf && left >= 2) {
    const uint32_t second = static_cast<uint8_t>(text[at + 1]);
    if ((second & 0xc0) == 0x80) {
      const uint32_t code_point = (first & 31) << 6 | (second & 63);
      return {code_point, of(code_point), 2};
    }
  }
  return read_rare(text, at);
}

}  // namespace aurora::unicode
