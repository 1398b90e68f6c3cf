#include "aurora/vocabulary/symbol_strip.h"

#include <fmt/format.h>
#include <sys/mman.h>

#include <algorithm>
#include <cstdlib>
#include <mutex>
#include <new>

#include "aurora/base/error.h"

namespace aurora::vocabulary {
namespace {

// Large pages where the system lends them: places are visited all over.
Cell* allocate_cells(size_t cells) {
  constexpr size_t kLargePage = size_t{2} << 20;
  const size_t bytes = (cells * sizeof(Cell) + kLargePage - 1) / kLargePage * kLargePage;
  void* memory = std::aligned_alloc(kLargePage, bytes);
  if (memory == nullptr) throw std::bad_alloc();
  ::madvise(memory, bytes, MADV_HUGEPAGE);
  return static_cast<Cell*>(memory);
}

}  // namespace

SymbolStrip::SymbolStrip(WordCounts& words, std::span<const uint32_t, 256> symbol_of, Pool& pool) {
  std::vector<uint64_t> begin(WordCounts::kShards + 1, 1), first(WordCounts::kShards + 1, 0);
  for (size_t shard = 0; shard < WordCounts::kShards; ++shard) {
    first[shard + 1] = first[shard] + words.words(shard);
    begin[shard + 1] = begin[shard] + words.word_bytes(shard) + words.words(shard);
  }
  size_ = begin.back();
  if (size_ > kMostCells) {
    throw Error(
        fmt::format("the unique words have {} bytes, at most {} can be learned from", size_, kMostCells),
        "words", "train on less text");
  }
  cells_.reset(allocate_cells(size_ + 1));
  cells_[0] = kEdge;
  counts_.resize(first.back());
  std::mutex mutex;
  pool.for_each(WordCounts::kShards, [&](size_t shard) {
    Cell* cell = cells_.get() + begin[shard];
    uint32_t word = static_cast<uint32_t>(first[shard]);
    uint64_t occurrences = 0;
    words.visit(shard, [&](std::string_view bytes, uint64_t count) {
      if (count >= kMany) {
        const std::lock_guard lock(mutex);
        many_.push_back({word, static_cast<uint32_t>(cell - cells_.get()), count});
      }
      counts_[word++] = static_cast<uint32_t>(std::min<uint64_t>(count, kMany));
      occurrences += count * bytes.size();
      for (const char c : bytes) *cell++ = cell_of(symbol_of[static_cast<uint8_t>(c)], 1);
      *cell++ = kEdge;
    });
    words.drop(shard);
    const std::lock_guard lock(mutex);
    occurrences_ += occurrences;
  });
  std::sort(many_.begin(), many_.end(), [](const Many& a, const Many& b) { return a.word < b.word; });
  for (size_t shard = 0; shard < WordCounts::kShards; ++shard) {
    if (first[shard] == first[shard + 1]) continue;
    shards_.push_back({static_cast<uint32_t>(begin[shard]), static_cast<uint32_t>(begin[shard + 1]),
                       static_cast<uint32_t>(first[shard])});
  }
}

uint64_t SymbolStrip::many(uint32_t word) const {
  return std::lower_bound(many_.begin(), many_.end(), word,
                          [](const Many& a, uint32_t b) { return a.word < b; })
      ->count;
}

uint64_t SymbolStrip::count_at(uint32_t at) const {
  return (std::upper_bound(many_.begin(), many_.end(), at,
                           [](uint32_t a, const Many& b) { return a < b.begin; }) -
          1)
      ->count;
}

std::vector<SymbolStrip::Part> SymbolStrip::parts(size_t number) const {
  std::vector<Part> parts;
  for (size_t i = 0; i < shards_.size(); ++i) {
    if (i * number / shards_.size() != parts.size() - 1 || parts.empty()) {
      parts.push_back(shards_[i]);
    } else {
      parts.back().end = shards_[i].end;
    }
  }
  return parts;
}

}  // namespace aurora::vocabulary
