// The merges of a regular model (bpe_tables.h), packed for speed: a pair of symbols and what it becomes in
// eight bytes, eight of them in a line of the processor's cache. Symbols are numbered by rank, so that of two
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
  // Room for so many merges.
  explicit BpeRules(size_t merges = 0) : lines_(merges / 4 + 1) {}

  // A pair that is not there yet.
  void add(uint32_t left, uint32_t right, uint32_t result);

  // The result, kNoMerge when the two do not merge.
  uint32_t find(uint32_t left, uint32_t right) const {
    const uint64_t pair = pair_of(left, right);
    for (size_t at = line_of(pair);; at = at + 1 < lines_.size() ? at + 1 : 0) {
      for (const uint64_t slot : lines_[at].slots) {
        if (slot >> 21 == pair) return static_cast<uint32_t>(slot) & kMaxSymbols;
        if (slot == kEmpty) return kNoMerge;
      }
    }
  }

  // For searches by vectors: the eight slots where a pair stands, free ones last. It may stand in the lines
  // behind when all eight are taken: then ask find().
  static uint64_t pair_of(uint32_t left, uint32_t right) { return uint64_t{left} << 21 | right; }
  const uint64_t* slots_of(uint64_t pair) const { return lines_[line_of(pair)].slots; }
  static constexpr uint64_t kEmpty = ~uint64_t{0};  // a pair has 42 bits, so that the topmost bit is free

 private:
  struct alignas(64) Line {
    uint64_t slots[8] = {kEmpty, kEmpty, kEmpty, kEmpty, kEmpty, kEmpty, kEmpty, kEmpty};
  };

  size_t line_of(uint64_t pair) const { return (pair * 0x9e3779b97f4a7c15u >> 32) * lines_.size() >> 32; }

  std::vector<Line> lines_;
};

inline void BpeRules::add(uint32_t left, uint32_t right, uint32_t result) {
  const uint64_t pair = pair_of(left, right);
  for (size_t at = line_of(pair);; at = at + 1 < lines_.size() ? at + 1 : 0) {
    for (uint64_t& slot : lines_[at].slots) {
      if (slot != kEmpty) continue;
      slot = pair << 21 | result;
      return;
    }
  }
}

}  // namespace aurora::tokenizer
