// The merges of a regular model (bpe/tables.h), packed so that they stay in the processor's second-level
// cache: four bytes for each in lines of sixteen, and the pair it comes from in another table, which is read
// only where eleven bits of its hash agree. Symbols are numbered by rank, so that of two merges the one with
// the smaller result goes first.
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
  static constexpr size_t kSlots = 16;           // of a line
  static constexpr uint32_t kFree = 0xffffffff;  // a slot; free ones stand last

  // A pair of symbols and where its merge is looked for.
  struct Pair {
    Pair(uint32_t left, uint32_t right)
        : key(uint64_t{left} << 21 | right), hash(key * 0x9e3779b97f4a7c15u) {}
    uint32_t tag() const {
      const uint32_t tag = static_cast<uint32_t>(hash >> 10) & 0x7ff;
      return tag - (tag == 0x7ff);  // which is the one of free slots
    }
    uint64_t key;
    uint64_t hash;
  };

  // Symbols 0 .. first - 1 come from no merge, first .. first + merges - 1 from one each.
  explicit BpeRules(size_t first = 0, size_t merges = 0)
      : lines_(merges / 9 + 1), pairs_(first + merges + 1, ~uint64_t{0}) {}

  // A pair that is not there yet, and its result, which comes from no other.
  void add(uint32_t left, uint32_t right, uint32_t result);

  // The result, kNoMerge when the two do not merge.
  uint32_t find(uint32_t left, uint32_t right) const {
    const Pair pair(left, right);
    for (size_t at = line_of(pair);; at = at + 1 < lines_.size() ? at + 1 : 0) {
      for (const uint32_t slot : lines_[at].slots) {
        if (slot == kFree) return kNoMerge;
        if (slot >> 21 == pair.tag() && pairs_[slot & kMaxSymbols] == pair.key) return slot & kMaxSymbols;
      }
    }
  }

  // For searches by vectors: the line that has the pair unless it is full, and the pair of a result (of a
  // first symbol: none).
  const uint32_t* line(const Pair& pair) const { return lines_[line_of(pair)].slots; }
  uint64_t key_of(uint32_t result) const { return pairs_[result]; }

 private:
  struct alignas(64) Line {
    Line() {
      for (uint32_t& slot : slots) slot = kFree;
    }
    uint32_t slots[kSlots];
  };

  size_t line_of(const Pair& pair) const { return (pair.hash >> 32) * lines_.size() >> 32; }

  std::vector<Line> lines_;
  std::vector<uint64_t> pairs_;  // of symbols
};

inline void BpeRules::add(uint32_t left, uint32_t right, uint32_t result) {
  const Pair pair(left, right);
  pairs_[result] = pair.key;
  for (size_t at = line_of(pair);; at = at + 1 < lines_.size() ? at + 1 : 0) {
    for (uint32_t& slot : lines_[at].slots) {
      if (slot != kFree) continue;
      slot = pair.tag() << 21 | result;
      return;
    }
  }
}

}  // namespace aurora::tokenizer
