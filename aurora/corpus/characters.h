// Questions about single code points that cleaning, words and filters share.
#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>

namespace aurora::corpus {

// White space that separates (Unicode White_Space), line ends included.
constexpr bool is_space(uint32_t c) {
  if (c < 0x80) return c == ' ' || (c >= '\t' && c <= '\r');
  return c == 0x85 || c == 0xA0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200A) || c == 0x2028 ||
         c == 0x2029 || c == 0x202F || c == 0x205F || c == 0x3000;
}

struct Character {
  uint32_t code = 0;
  uint32_t bytes = 0;
};

// decode_utf8 (base/utf8.h) for text that is known to be valid: p points at the first byte of a character.
inline Character character_at(const char* p) {
  const auto a = static_cast<unsigned char>(p[0]);
  if (a < 0x80) return {a, 1};
  const auto next = [p](int i) { return static_cast<uint32_t>(static_cast<unsigned char>(p[i]) & 0x3F); };
  if (a < 0xE0) return {((a & 0x1Fu) << 6) | next(1), 2};
  if (a < 0xF0) return {((a & 0x0Fu) << 12) | (next(1) << 6) | next(2), 3};
  return {((a & 0x07u) << 18) | (next(1) << 12) | (next(2) << 6) | next(3), 4};
}

// How many bytes fulfil a condition. Blocks short enough for a byte's counter let the compiler count a whole
// vector at a time.
template <typename Condition>
int64_t count_bytes(std::string_view text, Condition condition) {
  constexpr size_t kBlock = 128;
  int64_t count = 0;
  size_t at = 0;
  for (; at + kBlock <= text.size(); at += kBlock) {
    uint8_t in_block = 0;
    for (size_t i = 0; i < kBlock; ++i) in_block += condition(static_cast<uint8_t>(text[at + i])) ? 1 : 0;
    count += in_block;
  }
  for (; at < text.size(); ++at) count += condition(static_cast<uint8_t>(text[at])) ? 1 : 0;
  return count;
}

// Code points of valid UTF-8: bytes that do not continue a character.
inline int64_t count_characters(std::string_view text) {
  return count_bytes(text, [](uint8_t byte) { return (byte & 0xC0) != 0x80; });
}

// From `at` on, the first byte above 0x7F, or the size.
inline size_t find_non_ascii(std::string_view text, size_t at) {
  uint64_t eight;
  while (at + 8 <= text.size() &&
         (std::memcpy(&eight, text.data() + at, 8), (eight & 0x8080808080808080) == 0)) {
    at += 8;
  }
  while (at < text.size() && static_cast<signed char>(text[at]) >= 0) ++at;
  return at;
}

}  // namespace aurora::corpus
