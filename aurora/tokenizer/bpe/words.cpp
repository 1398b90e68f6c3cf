#include "aurora/tokenizer/bpe/words.h"

#include <sys/mman.h>

#include <algorithm>
#include <cstdlib>
#include <new>

namespace aurora::tokenizer {
namespace {

constexpr size_t kHugePage = size_t{2} << 20;

size_t bytes_of(size_t lines) {
  return 2 * lines * sizeof(WordSlot);
}

// Fresh pages of its own for a large table, so that huge ones can be asked for before the first touch: words
// lie all over it.
WordSlot* map_pages(size_t bytes) {
  char* data = static_cast<char*>(
      ::mmap(nullptr, bytes + kHugePage, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
  if (data == MAP_FAILED) throw std::bad_alloc();
  const size_t before = -reinterpret_cast<uintptr_t>(data) % kHugePage;  // up to the next multiple
  if (before > 0) ::munmap(data, before);
  if (before < kHugePage) ::munmap(data + before + bytes, kHugePage - before);
  data += before;
  static_cast<void>(::madvise(data, bytes, MADV_HUGEPAGE));  // a hint: failing costs time only
  return reinterpret_cast<WordSlot*>(data);
}

WordSlot* allocate(size_t lines) {
  const size_t bytes = bytes_of(lines);
  if (bytes >= kHugePage) return map_pages(bytes);
  void* data = std::aligned_alloc(64, bytes);
  if (!data) throw std::bad_alloc();
  return static_cast<WordSlot*>(data);
}

}  // namespace

void WordTable::Free::operator()(WordSlot* slots) const {
  if (bytes_of(lines) >= kHugePage) {
    ::munmap(slots, bytes_of(lines));
  } else {
    std::free(slots);
  }
}

WordTable::WordTable(size_t lines)
    : slots_(allocate(lines), Free{lines}), lines_(lines), shift_(64 - __builtin_ctzll(lines)) {
  std::uninitialized_fill_n(slots_.get(), 2 * lines_, WordSlot{});
}

WordTable::WordTable(const WordTable& other)
    : slots_(allocate(other.lines_), Free{other.lines_}), lines_(other.lines_), shift_(other.shift_) {
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
