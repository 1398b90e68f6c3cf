#include "aurora/tokenizer/bpe/words.h"

#include <sys/mman.h>

#include <algorithm>
#include <cstdlib>
#include <new>

namespace aurora::tokenizer {
namespace {

constexpr size_t kHugePage = size_t{2} << 20;
constexpr size_t kFirstLines = size_t{1} << 18;
constexpr size_t kMostLines = size_t{1} << 19;

// A slot that someone fills: holds no word, for no word has no bytes.
constexpr uint64_t kClaimed = uint64_t{1} << 60;

size_t bytes_of(size_t lines) {
  return 2 * lines * sizeof(WordSlot);
}

// Fresh pages of its own for a large table, so that huge ones can be asked for before the first touch: words
// lie all over it. They are zero, which is what empty slots are.
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
  WordSlot* slots = static_cast<WordSlot*>(std::aligned_alloc(64, bytes));
  if (!slots) throw std::bad_alloc();
  std::uninitialized_default_construct_n(slots, 2 * lines);
  return slots;
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
    : slots_(allocate(lines), Free{lines}), lines_(lines), shift_(64 - __builtin_ctzll(lines)) {}

const WordSlot* WordTable::find(const WordKey& key) const {
  for (size_t at = line_of(key);; at = (at + 1) & (lines_ - 1)) {
    const WordSlot* slot = line(at);
    const WordSlot* second = slot + 1;
    slot += !slot->holds(key);
    if (slot->holds(key)) return slot;
    if (second->empty()) return nullptr;
  }
}

// Two threads may write one word into two slots: they write the same.
const WordSlot* WordTable::insert(const WordKey& key, std::span<const int32_t> ids) {
  if (used_.fetch_add(1, std::memory_order_relaxed) >= most()) return nullptr;
  for (size_t at = line_of(key);; at = (at + 1) & (lines_ - 1)) {
    for (WordSlot* slot = line(at); slot != line(at) + 2; ++slot) {
      if (slot->holds(key)) return slot;
      uint64_t free = 0;
      if (!slot->empty() || !slot->high.compare_exchange_strong(free, kClaimed, std::memory_order_relaxed)) {
        continue;
      }
      slot->low.store(key.low, std::memory_order_relaxed);
      std::copy(ids.begin(), ids.end(), slot->ids);
      slot->high.store(key.high | uint64_t{ids.size()} << 60, std::memory_order_release);
      return slot;
    }
  }
}

SharedWords::Tables SharedWords::tables() {
  const std::lock_guard lock(mutex_);
  if (!tables_.now || tables_.now->full()) {
    tables_.before = std::move(tables_.now);
    tables_.now = std::make_shared<WordTable>(tables_.before ? kMostLines : kFirstLines);
  }
  return tables_;
}

}  // namespace aurora::tokenizer
