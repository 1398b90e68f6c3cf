// Words as keys of 128 bits: a word of up to 15 bytes lies in its key whole, a longer one is known by its
// hash and lies in an arena.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "aurora/base/hash.h"
#include "aurora/tokenizer/bpe/word_key.h"

namespace aurora::vocabulary {

using tokenizer::WordKey;
inline constexpr size_t kShortWord = tokenizer::kKeyBytes;

// word.size() in 1 .. kShortWord; `text_end`: where readable memory behind the word ends.
inline WordKey short_key(std::string_view word, const char* text_end) {
  return text_end - word.data() >= 16 ? tokenizer::padded_key(word.data(), word.size())
                                      : tokenizer::key_of(word);
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
