// The merges of a regular model (bpe/tables.h): a pair of symbols and what it becomes in eight bytes, in
// lines of eight, so that a look-up reads one line of the processor's cache; and none for most pairs that do
// not merge, which a filter of a few bits for each merge tells. Symbols are numbered by rank, so that of two
// merges the one with the smaller result goes first.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace aurora::tokenizer {

inline constexpr uint32_t kNoMerge = 0xffffffff;
inline constexpr uint32_t kMaxSymbols = (uint32_t{1} << 21) - 1;
inline constexpr uint32_t kBorder = kMaxSymbols;  // no symbol: merges with nothing

class BpeRules {
 public:
  static constexpr size_t kSlots = 8;  // of a line
  // A slot is key << 21 | result. Free ones stand last.
  static constexpr uint64_t kFree = ~uint64_t{0};

  // A pair of symbols and where its merge is looked for.
  struct Pair {
    Pair() = default;
    Pair(uint32_t left, uint32_t right)
        : key(uint64_t{left} << 21 | right), hash(key * 0x9e3779b97f4a7c15u) {}
    uint64_t key;
    uint64_t hash;
  };

  explicit BpeRules(size_t merges = 0) : lines_(merges * 2 / 9 + 1) {}

  // A pair that is not there yet.
  void add(uint32_t left, uint32_t right, uint32_t result) {
    const Pair pair(left, right);
    for (size_t at = line_of(pair);; at = at + 1 < lines_.size() ? at + 1 : 0) {
      for (uint64_t& slot : lines_[at].slots) {
        if (slot != kFree) continue;
        slot = pair.key << 21 | result;
        return;
      }
    }
  }

  // The result, kNoMerge when the two do not merge.
  uint32_t find(uint32_t left, uint32_t right) const {
    const Pair pair(left, right);
    for (size_t at = line_of(pair);; at = at + 1 < lines_.size() ? at + 1 : 0) {
      for (const uint64_t slot : lines_[at].slots) {
        if (slot == kFree) return kNoMerge;
        if (slot >> 21 == pair.key) return slot & kMaxSymbols;
      }
    }
  }

  // For searches by vectors: the line that has the pair unless it is full.
  const uint64_t* line(const Pair& pair) const { return lines_[line_of(pair)].slots; }

 private:
  struct alignas(64) Line {
    Line() {
      for (uint64_t& slot : slots) slot = kFree;
    }
    uint64_t slots[kSlots];
  };

  size_t line_of(const Pair& pair) const { return (pair.hash >> 32) * lines_.size() >> 32; }

  std::vector<Line> lines_;
};

}  // namespace aurora::tokenizer
