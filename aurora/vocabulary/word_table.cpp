#include "aurora/vocabulary/word_table.h"

#include "aurora/base/check.h"

namespace aurora::vocabulary {
namespace {
constexpr size_t kFirstSlots = 64;
constexpr uint64_t kArenaLimit = uint64_t{1} << 36;
}  // namespace

void WordTable::add(WordKey key, uint64_t hash, uint64_t count) {
  if (3 * (words_ + 1) > 2 * slots_.size()) grow();
  const size_t mask = slots_.size() - 1;
  for (size_t at = hash & mask;; at = (at + 1) & mask) {
    Slot& slot = slots_[at];
    if (slot.key == key) {
      slot.count += count;
      return;
    }
    if (slot.key.high == 0) {
      slot = {key, count};
      ++words_;
      word_bytes_ += short_size(key);
      return;
    }
  }
}

void WordTable::add_long(std::string_view word, uint64_t hash, uint64_t count) {
  AURORA_CHECK(word.size() > kShortWord && word.size() <= kLongestWord, "{}", word.size());
  if (3 * (words_ + 1) > 2 * slots_.size()) grow();
  const size_t mask = slots_.size() - 1;
  for (size_t at = hash & mask;; at = (at + 1) & mask) {
    Slot& slot = slots_[at];
    if (slot.key.high == 0) {
      AURORA_CHECK(arena_.size() + word.size() < kArenaLimit, "{} bytes of long words", arena_.size());
      slot = {{hash, uint64_t{255} << 56 | arena_.size() << 20 | word.size()}, count};
      arena_ += word;
      ++words_;
      word_bytes_ += word.size();
      return;
    }
    if (slot.key.low == hash && is_long(slot.key) && long_word(slot.key) == word) {
      slot.count += count;
      return;
    }
  }
}

void WordTable::add_word(std::string_view word, uint64_t count) {
  if (word.size() > kShortWord) {
    add_long(word, xxh3_64(word), count);
  } else {
    const WordKey key = short_key(word, word.data() + word.size());
    add(key, hash_of(key), count);
  }
}

void WordTable::grow() {
  std::vector<Slot> old(slots_.empty() ? kFirstSlots : 2 * slots_.size());
  old.swap(slots_);
  const size_t mask = slots_.size() - 1;
  for (const Slot& slot : old) {
    if (slot.key.high == 0) continue;
    size_t at = (is_long(slot.key) ? slot.key.low : hash_of(slot.key)) & mask;
    while (slots_[at].key.high != 0) at = (at + 1) & mask;
    slots_[at] = slot;
  }
}

void WordTable::clear() {
  *this = WordTable();
}

}  // namespace aurora::vocabulary
