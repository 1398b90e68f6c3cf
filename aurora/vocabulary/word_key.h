// Words as keys of 128 bits: a word of up to 15 bytes lies in its key whole, a longer one is known by its
// hash and lies in an arena.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "aurora/base/hash.h"

namespace aurora::vocabulary {

inline constexpr size_t kShortWord = 15;

// The bytes in order, zeros behind them, and the length in the highest byte, which is never 0.
struct WordKey {
  uint64_t low = 0;
  uint64_t high = 0;
  bool operator==(const WordKey&) const = default;
};

// word.size() in 1 .. kShortWord; `text_end`: where readable memory behind the word ends.
inline WordKey short_key(std::string_view word, const char* text_end) {
  WordKey key;
  const size_t size = word.size();
  if (text_end - word.data() >= 16) {
    std::memcpy(&key, word.data(), 16);
    if (size < 8) {
      key.low &= (uint64_t{1} << (8 * size)) - 1;
      key.high = 0;
    } else {
      key.high &= (uint64_t{1} << (8 * (size - 8))) - 1;
    }
  } else {
    std::memcpy(&key, word.data(), size);
  }
  key.high |= uint64_t{size} << 56;
  return key;
}

inline size_t short_size(WordKey key) {
  return key.high >> 56;
}

// For tables only; equal on every machine of one byte order, and no result depends on it.
inline uint64_t hash_of(WordKey key) {
  const unsigned __int128 product =
      static_cast<unsigned __int128>(key.low ^ 0x9e3779b97f4a7c15u) * (key.high ^ 0xd1b54a32d192ed03u);
  return static_cast<uint64_t>(product) ^ static_cast<uint64_t>(product >> 64);
}

}  // namespace aurora::vocabulary
