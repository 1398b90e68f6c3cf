// Questions about single code points that cleaning, words and filters share.
#pragma once

#include <cstdint>
#include <string_view>

namespace aurora::corpus {

// White space that separates (Unicode White_Space), line ends included.
constexpr bool is_space(uint32_t c) {
  if (c < 0x80) return c == ' ' || (c >= '\t' && c <= '\r');
  return c == 0x85 || c == 0xA0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200A) || c == 0x2028 ||
         c == 0x2029 || c == 0x202F || c == 0x205F || c == 0x3000;
}

// Code points of valid UTF-8: bytes that do not continue a character.
inline int64_t count_characters(std::string_view text) {
  int64_t count = 0;
  for (const char c : text) count += static_cast<signed char>(c) >= -0x40;
  return count;
}

}  // namespace aurora::corpus
