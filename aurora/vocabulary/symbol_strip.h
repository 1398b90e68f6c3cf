// All unique words as one strip of symbols, made for merging neighbours with one visit to memory.
//
// A symbol that stands for n bytes takes n cells; its first and its last cell hold it (the cells between hold
// nothing that may be read), so the symbol before a cell is what the cell before holds, and the symbol behind
// is found by the symbol's length, which stands in the cell too. kEdge stands before, between and behind the
// words. 4 bytes per byte of words.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "aurora/base/threads.h"
#include "aurora/vocabulary/word_counts.h"

namespace aurora::vocabulary {

// Where a symbol begins, and how often its word occurs (kMany: more often than fits).
struct Place {
  uint32_t at;
  uint32_t count;
};

// A symbol as a cell holds it: its id in the low 24 bits, its length in bytes above, 255 for 255 or more.
using Cell = uint32_t;
inline constexpr uint32_t kMostSymbols = (1 << 24) - 2;
inline Cell cell_of(uint32_t symbol, uint32_t length) {
  return std::min(length, 255u) << 24 | symbol;
}
inline uint32_t symbol_in(Cell cell) {
  return cell & 0xffffff;
}
// lengths[s]: bytes of symbol s.
inline uint32_t length_in(Cell cell, std::span<const uint32_t> lengths) {
  const uint32_t length = cell >> 24;
  return length < 255 ? length : lengths[symbol_in(cell)];
}

class SymbolStrip {
 public:
  static constexpr Cell kEdge = 0xffffffff;
  static constexpr Cell kGone = 0xfffffffe;
  static constexpr uint32_t kMany = 0xffffffff;
  static constexpr uint64_t kMostCells = 0xfffffff0;

  // Words that the strip is cut at, for threads.
  struct Part {
    uint32_t begin;  // the first cell of its first word
    uint32_t end;    // behind the edge behind its last word
    uint32_t first_word;
  };

  // Takes the words out of `words`, which is empty afterwards. symbol_of[b]: the symbol of byte b. Error: the
  // unique words have more than 4 GiB.
  SymbolStrip(WordCounts& words, std::span<const uint32_t, 256> symbol_of, Pool& pool);

  Cell* cells() { return cells_.get(); }
  const Cell* cells() const { return cells_.get(); }
  size_t size() const { return size_; }
  uint64_t occurrences() const { return occurrences_; }  // of bytes, in all words as often as they occur
  uint64_t word_count(uint32_t word) const { return counts_[word] != kMany ? counts_[word] : many(word); }
  uint32_t place_count(uint32_t word) const { return counts_[word]; }
  // The true count of a place whose count is kMany: walks to the word's begin.
  uint64_t count_at(uint32_t at) const;

  std::vector<Part> parts(size_t number) const;  // at most so many, none empty

  // use(left, right, at, word) for all pairs of neighbouring cells of a part, at: where the left one begins.
  template <typename Use>
  void walk(const Part& part, std::span<const uint32_t> lengths, Use use) const {
    uint32_t word = part.first_word;
    for (uint32_t at = part.begin; at < part.end; ++word) {
      Cell here = cells_[at];
      uint32_t next_at = at + length_in(here, lengths);
      for (Cell next = cells_[next_at]; next != kEdge; next = cells_[next_at]) {
        use(here, next, at, word);
        at = next_at;
        here = next;
        next_at += length_in(next, lengths);
      }
      at = next_at + 1;
    }
  }

 private:
  uint64_t many(uint32_t word) const;

  struct Free {
    void operator()(Cell* cells) const { std::free(cells); }
  };
  struct Many {
    uint32_t word;
    uint32_t begin;  // its first cell
    uint64_t count;
  };
  std::unique_ptr<Cell[], Free> cells_;
  size_t size_ = 0;
  uint64_t occurrences_ = 0;
  std::vector<uint32_t> counts_;  // by word
  std::vector<Many> many_;        // in order
  std::vector<Part> shards_;
};

}  // namespace aurora::vocabulary
