// A table of words and how often they occur: open addressing, 24 bytes a slot, short words whole in their
// slot, the bytes of longer ones in one arena. Not thread-safe.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "aurora/vocabulary/word_key.h"

namespace aurora::vocabulary {

// Longer words are counted in pieces (word_counts.h).
inline constexpr size_t kLongestWord = 1'000'000;

class WordTable {
 public:
  // hash: hash_of(key).
  void add(WordKey key, uint64_t hash, uint64_t count);
  // word.size() in kShortWord + 1 .. kLongestWord; hash: xxh3_64(word).
  void add_long(std::string_view word, uint64_t hash, uint64_t count);
  // Of any length from 1 to kLongestWord.
  void add_word(std::string_view word, uint64_t count);
  void prefetch(uint64_t hash) const {
    if (!slots_.empty()) __builtin_prefetch(&slots_[hash & (slots_.size() - 1)], 1);
  }

  size_t words() const { return words_; }
  uint64_t word_bytes() const { return word_bytes_; }
  uint64_t memory_bytes() const { return slots_.size() * sizeof(Slot) + arena_.capacity(); }
  void clear();  // gives the memory back

  // fn(std::string_view word, uint64_t count), in no order that anything may depend on. The view is valid
  // during the call.
  template <typename Fn>
  void visit(Fn fn) const {
    for (const Slot& slot : slots_) {
      if (slot.key.high == 0) continue;
      if (is_long(slot.key)) {
        fn(long_word(slot.key), slot.count);
      } else {
        fn(std::string_view(reinterpret_cast<const char*>(&slot.key), short_size(slot.key)), slot.count);
      }
    }
  }

 private:
  // The highest byte of a long word's key is 255, then come 36 bits of where it begins in the arena and 20
  // bits of its length; the low half is its hash.
  struct Slot {
    WordKey key;
    uint64_t count;
  };
  static bool is_long(WordKey key) { return key.high >> 56 == 255; }
  std::string_view long_word(WordKey key) const {
    return {arena_.data() + (key.high >> 20 & 0xfffffffff), key.high & 0xfffff};
  }
  void grow();

  std::vector<Slot> slots_;  // at most two thirds full
  std::string arena_;
  size_t words_ = 0;
  uint64_t word_bytes_ = 0;
};

}  // namespace aurora::vocabulary
