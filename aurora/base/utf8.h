// UTF-8: decode, encode, validate, repair. RFC 3629 (no surrogates, no overlong forms, at most U+10FFFF).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace aurora {

struct Decoded {
  uint32_t code_point = 0;  // U+FFFD where the bytes are not valid
  uint32_t bytes = 0;       // 1 for an invalid byte
  bool valid = false;
};
// Decodes the character at text[at]; at < text.size().
Decoded decode_utf8(std::string_view text, size_t at);
// A surrogate or a value above U+10FFFF is written as U+FFFD.
void append_utf8(std::string& out, uint32_t code_point);
bool is_valid_utf8(std::string_view text);
// Each maximal part that starts a character and does not end it, and each other stray byte, becomes one
// U+FFFD (the Unicode standard's recommendation, chapter 3.9). replaced, if given, is increased by their
// number.
std::string repair_utf8(std::string_view text, size_t* replaced = nullptr);
// Number of bytes at the end of `text` that are the start of an unfinished character (0..3): streaming
// output.
size_t incomplete_utf8_tail(std::string_view text);

}  // namespace aurora
