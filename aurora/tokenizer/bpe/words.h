// Tables of short words: 16 bytes of key, up to four ids. Two slots fill one line of the processor's cache.
// What a word becomes is a function of the word alone, so that no table, however it is shared, changes a
// result.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <span>

#include "aurora/tokenizer/bpe/word_key.h"

namespace aurora::tokenizer {

inline constexpr size_t kSlotIds = 4;  // words of more tokens, and longer words, are kept in bpe/long_words.h

// Whoever sees a word in `high` sees its slot whole: `high` is written last.
struct WordSlot {
  std::atomic<uint64_t> low{0};
  std::atomic<uint64_t> high{
      0};  // topmost byte: number of ids << 4 | length of the word; 0: empty, no word is
  int32_t ids[kSlotIds] = {};

  // 0: the word's ids do not stand here.
  size_t count() const { return high.load(std::memory_order_acquire) >> 60; }
  bool empty() const { return high.load(std::memory_order_acquire) == 0; }
  bool holds(const WordKey& key) const {
    const uint64_t top = high.load(std::memory_order_acquire);
    return ((low.load(std::memory_order_relaxed) ^ key.low) | ((top ^ key.high) & 0x0fffffffffffffffu)) == 0;
  }
};

// The words of some text until it is full, open addressing by lines; words never leave. Thread-safe: a slot
// is claimed by the first to come, filled, and then shown to others.
class WordTable {
 public:
  explicit WordTable(size_t lines);  // a power of two, at least 2

  // Where the word mostly stands: a line of two slots. On its way to the cache when this returns.
  const WordSlot* fetch(const WordKey& key) const {
    const WordSlot* home = line(line_of(key));
    __builtin_prefetch(home);
    return home;
  }
  // nullptr when the word is not there.
  const WordSlot* find(const WordKey& key) const;
  // The slot of the word; nullptr: the table is full. ids.size() <= kSlotIds; none: "ask elsewhere".
  const WordSlot* insert(const WordKey& key, std::span<const int32_t> ids);
  bool full() const { return used_.load(std::memory_order_relaxed) >= most(); }

 private:
  struct Free {
    size_t lines;
    void operator()(WordSlot* slots) const;
  };

  size_t line_of(const WordKey& key) const {
    const uint64_t mixed = key.low * 0x9e3779b97f4a7c15u + key.high * 0xc2b2ae3d27d4eb4fu;
    return (mixed ^ mixed << 23) >> shift_;
  }
  WordSlot* line(size_t line) const { return &slots_[2 * line]; }
  size_t most() const { return lines_ / 2 * 3; }  // three quarters of the slots

  std::unique_ptr<WordSlot[], Free> slots_;
  size_t lines_;
  int shift_;
  alignas(64) std::atomic<size_t> used_{0};  // written all the time, unlike what is above
};

// Tables one after another: when one is full a larger one begins, and the one before is still asked. So there
// are two at a time, of 16 MB and 32 MB, later of 32 MB each (and one more for each thread that has not come
// around to looking). Thread-safe.
class SharedWords {
 public:
  struct Tables {
    std::shared_ptr<WordTable> now;
    std::shared_ptr<WordTable> before;  // null: none
  };
  Tables tables();  // of which `now` is not full

 private:
  std::mutex mutex_;
  Tables tables_;
};

}  // namespace aurora::tokenizer
