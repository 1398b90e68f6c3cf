// Short words as keys of 128 bits, for tables of words: of an encoder (bpe/words.h) and of a count
// (aurora/vocabulary/word_table.h).
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace aurora::tokenizer {

inline constexpr size_t kKeyBytes = 15;  // the longest word that is its own key

// A word of up to 15 bytes in two registers; its length in the topmost byte makes "a" and "a\0" differ.
struct WordKey {
  uint64_t low = 0;
  uint64_t high = 0;
  bool operator==(const WordKey&) const = default;
};

struct KeyMask {
  uint64_t low = 0;
  uint64_t high = 0;
  uint64_t size = 0;
};
struct KeyMasks {
  KeyMask of[kKeyBytes + 1];
  constexpr KeyMasks() : of{} {
    for (size_t size = 0; size <= kKeyBytes; ++size) {
      of[size].low = size >= 8 ? ~uint64_t{0} : (uint64_t{1} << 8 * size) - 1;
      of[size].high = size <= 8 ? 0 : (uint64_t{1} << 8 * (size - 8)) - 1;
      of[size].size = uint64_t{size} << 56;
    }
  }
};
inline constexpr KeyMasks kKeyMasks;

// Sixteen bytes from `data` on must be readable.
inline WordKey padded_key(const char* data, size_t size) {
  WordKey key;
  std::memcpy(&key, data, 16);
  const KeyMask& mask = kKeyMasks.of[size];
  key.low &= mask.low;
  key.high = (key.high & mask.high) | mask.size;
  return key;
}
// word.size() <= kKeyBytes.
inline WordKey key_of(std::string_view word) {
  char padded[16] = {};
  std::memcpy(padded, word.data(), word.size());
  return padded_key(padded, word.size());
}

}  // namespace aurora::tokenizer
