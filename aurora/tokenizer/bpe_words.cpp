#include "aurora/tokenizer/bpe_words.h"

#include <sys/mman.h>

#include <algorithm>
#include <cstdlib>
#include <new>

namespace aurora::tokenizer {
namespace {

constexpr size_t kHugePage = size_t{2} << 20;

WordSlot* allocate(size_t slots) {
  const size_t bytes = slots * sizeof(WordSlot);
  const size_t alignment = bytes >= kHugePage ? kHugePage : 64;
  void* data = std::aligned_alloc(alignment, bytes);
  if (!data) throw std::bad_alloc();
  // Before the first touch. A hint: failing costs time only.
  if (alignment == kHugePage) static_cast<void>(::madvise(data, bytes, MADV_HUGEPAGE));
  return static_cast<WordSlot*>(data);
}

}  // namespace

void WordTable::Free::operator()(WordSlot* slots) const {
  std::free(slots);
}

WordTable::WordTable(size_t lines)
    : slots_(allocate(2 * lines)), lines_(lines), shift_(64 - __builtin_ctzll(lines)) {
  std::uninitialized_fill_n(slots_.get(), 2 * lines_, WordSlot{});
}

WordTable::WordTable(const WordTable& other)
    : slots_(allocate(2 * other.lines_)), lines_(other.lines_), shift_(other.shift_) {
  std::memcpy(slots_.get(), other.slots_.get(), 2 * lines_ * sizeof(WordSlot));
}

// The newest stands first; the older of two leaves to the second place of the line beside.
void WordTable::insert(size_t line, const WordKey& key, std::span<const int32_t> ids) {
  WordSlot* slot = &slots_[2 * line];
  if (slot[0].high != 0) {
    if (slot[1].high != 0) slots_[2 * (line ^ 1) + 1] = slot[1];
    slot[1] = slot[0];
  }
  slot[0].low = key.low;
  slot[0].high = key.high | uint64_t{ids.size()} << 60;
  std::copy(ids.begin(), ids.end(), slot[0].ids);
}

const WordSlot* WordTable::come_back(size_t line, const WordKey& key) {
  WordSlot* slot = &slots_[2 * line];
  WordSlot* beside = &slots_[2 * (line ^ 1)];
  beside += !beside->holds(key);
  if (!beside->holds(key)) return nullptr;
  std::swap(slot[1], *beside);
  std::swap(slot[0], slot[1]);
  return slot;
}

void WordTable::seed(const WordTable& other) {
  for (size_t i = 0; i < 2 * other.lines_; ++i) {
    const WordSlot& word = other.slots_[i];
    if (word.high == 0) continue;
    const WordKey key{word.low, word.high & 0x0fffffffffffffffu};
    const size_t line = line_of(key);
    if (slots_[2 * line + 1].high == 0) insert(line, key, {word.ids, word.count()});
  }
}

}  // namespace aurora::tokenizer
