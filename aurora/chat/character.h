// What Python's str methods say of a character (Unicode 14.0, own table), and the cases of texts.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace aurora::chat {

enum CharacterFlag : uint16_t {
  kAlpha = 1 << 0,
  kDecimal = 1 << 1,
  kDigit = 1 << 2,
  kNumeric = 1 << 3,
  kPrintable = 1 << 4,
  kUpper = 1 << 5,
  kLower = 1 << 6,
  kTitle = 1 << 7,
  kSpace = 1 << 8,
  kCaseIgnorable = 1 << 9,
  kIdentifierStart = 1 << 10,
  kIdentifierContinue = 1 << 11,
};
constexpr uint16_t kCased = kUpper | kLower | kTitle;

// The flags of a code point.
uint16_t character_flags(uint32_t code_point);
inline bool is_space(uint32_t code_point) {
  return (character_flags(code_point) & kSpace) != 0;
}
// 0..9 for a character with kDecimal.
int decimal_value(uint32_t code_point);
// Append the cases of one character; several characters for some, as "SS" for "ß".
void append_upper(std::string& out, uint32_t code_point);
void append_title(std::string& out, uint32_t code_point);

std::string to_upper(std::string_view text);
// With the final sigma where one belongs, as str.lower.
std::string to_lower(std::string_view text);
std::string to_title(std::string_view text);
std::string to_capitalized(std::string_view text);
std::string to_swapped_case(std::string_view text);

// Without the white space (Python's) at the ends.
std::string_view strip_left(std::string_view text);
std::string_view strip_right(std::string_view text);

}  // namespace aurora::chat
