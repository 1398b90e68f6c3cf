// The table of short words: 16 bytes of key, up to four ids. Two slots fill one line of the processor's
// cache; a word stands in one of the two of its line, or, not used for long, in the line beside it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "aurora/tokenizer/bpe/word_key.h"

namespace aurora::tokenizer {

inline constexpr size_t kSlotIds = 4;  // words of more tokens, and longer words, are kept in bpe/long_words.h

struct WordSlot {
  uint64_t low = 0;
  uint64_t high = 0;  // topmost byte: number of ids << 4 | length of the word; 0: empty, no word is
  int32_t ids[kSlotIds] = {};

  // 0: the word's ids do not stand here.
  size_t count() const { return high >> 60; }
  bool holds(const WordKey& key) const {
    return ((low ^ key.low) | ((high ^ key.high) & 0x0fffffffffffffffu)) == 0;
  }
};

// Not thread-safe while it is written. A new word makes an old one leave where its line is full, and an older
// one go.
class WordTable {
 public:
  WordTable() = default;             // of no slots: nothing may be asked
  explicit WordTable(size_t lines);  // a power of two
  WordTable(const WordTable& other);
  WordTable(WordTable&&) = default;
  WordTable& operator=(WordTable&&) = default;

  size_t lines() const { return lines_; }
  bool empty() const { return lines_ == 0; }
  size_t line_of(const WordKey& key) const {
    const uint64_t mixed = key.low * 0x9e3779b97f4a7c15u + key.high * 0xc2b2ae3d27d4eb4fu;
    return (mixed ^ mixed << 23) >> shift_;
  }
  void prefetch(size_t line) const { __builtin_prefetch(&slots_[2 * line]); }
  const WordSlot* line(size_t line) const { return &slots_[2 * line]; }  // its two slots
  // nullptr when the word is not there.
  const WordSlot* find(size_t line, const WordKey& key) const {
    const WordSlot* slot = &slots_[2 * line];
    slot += !slot->holds(key);
    return slot->holds(key) ? slot : nullptr;
  }
  // A word that find() does not find: when it stands in the line beside, it comes back. nullptr: it does not.
  const WordSlot* come_back(size_t line, const WordKey& key);
  // A word that is in neither. ids.size() <= kSlotIds; none: "ask elsewhere".
  void insert(size_t line, const WordKey& key, std::span<const int32_t> ids);
  // Adds the words of another table where there is room.
  void seed(const WordTable& other);

 private:
  struct Free {
    size_t lines;
    void operator()(WordSlot* slots) const;
  };
  std::unique_ptr<WordSlot[], Free> slots_;
  size_t lines_ = 0;
  int shift_ = 63;
};

}  // namespace aurora::tokenizer
