#include "aurora/tokenizer/formats/byte_alphabet.h"

#include <array>
#include <cstdint>

#include "aurora/base/utf8.h"

namespace aurora::tokenizer {
namespace {

constexpr uint32_t kEnd = 256 + 68;  // 68 bytes are not visible

struct Alphabet {
  std::array<uint16_t, 256> character{};
  std::array<int16_t, kEnd> byte{};
};

constexpr Alphabet kAlphabet = [] {
  Alphabet alphabet;
  alphabet.byte.fill(-1);
  uint16_t next = 256;
  for (uint16_t byte = 0; byte < 256; ++byte) {
    const bool visible = (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || byte >= 174;
    const uint16_t character = visible ? byte : next++;
    alphabet.character[byte] = character;
    alphabet.byte[character] = static_cast<int16_t>(byte);
  }
  return alphabet;
}();

}  // namespace

std::string write_byte_alphabet(std::string_view bytes) {
  std::string text;
  for (char byte : bytes) append_utf8(text, kAlphabet.character[static_cast<uint8_t>(byte)]);
  return text;
}

bool read_byte_alphabet(std::string_view text, std::string& bytes) {
  bytes.clear();
  for (size_t at = 0; at < text.size();) {
    const Decoded decoded = decode_utf8(text, at);
    if (!decoded.valid || decoded.code_point >= kEnd || kAlphabet.byte[decoded.code_point] < 0) return false;
    bytes += static_cast<char>(kAlphabet.byte[decoded.code_point]);
    at += decoded.bytes;
  }
  return true;
}

}  // namespace aurora::tokenizer
