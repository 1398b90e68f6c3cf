// The merges of a regular model (bpe_tables.h), packed for speed: a pair of symbols and what it becomes in
// eight bytes. Symbols are numbered by rank, so that of two merges the one with the smaller result goes
// first.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace aurora::tokenizer {

inline constexpr uint32_t kNoMerge = 0xffffffff;
inline constexpr uint32_t kMaxSymbols = uint32_t{1} << 21;

class BpeRules {
 public:
  // Room for so many merges.
  explicit BpeRules(size_t merges = 0) {
    size_t slots = 16;
    while (slots < 2 * merges + 1) slots *= 2;
    slots_.assign(slots, kEmpty);
    shift_ = 64 - __builtin_ctzll(slots);
  }
  void add(uint32_t left, uint32_t right, uint32_t result) {
    const uint64_t pair = pair_of(left, right);
    size_t at = begin_of(pair);
    while (slots_[at] != kEmpty) at = (at + 1) & (slots_.size() - 1);
    slots_[at] = pair << 21 | result;
  }
  // The result, kNoMerge when the two do not merge.
  uint32_t find(uint32_t left, uint32_t right) const {
    const uint64_t pair = pair_of(left, right);
    for (size_t at = begin_of(pair);; at = (at + 1) & (slots_.size() - 1)) {
      const uint64_t slot = slots_[at];
      if (slot >> 21 == pair) return static_cast<uint32_t>(slot) & (kMaxSymbols - 1);
      if (slot == kEmpty) return kNoMerge;
    }
  }

 private:
  static constexpr uint64_t kEmpty = ~uint64_t{0};  // a pair has 42 bits: the topmost bit is free

  static uint64_t pair_of(uint32_t left, uint32_t right) { return uint64_t{left} << 21 | right; }
  size_t begin_of(uint64_t pair) const { return pair * 0x9e3779b97f4a7c15u >> shift_; }

  std::vector<uint64_t> slots_;
  int shift_ = 0;
};

}  // namespace aurora::tokenizer
