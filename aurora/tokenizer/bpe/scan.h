// Merges up to 62 symbols by scanning for the lowest rank: one round a merge, no memory but the row itself.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "aurora/tokenizer/bpe/rules.h"

namespace aurora::tokenizer {

inline constexpr size_t kScanned = 62;
inline constexpr size_t kMostRows = 16;  // at once

// Symbols stand at [1, size], the first and the last place are borders: symbols[0] and symbols[size + 1] are
// kBorder.
struct BpeRow {
  alignas(64) uint32_t symbols[64];
  alignas(64) uint32_t
      pairs[64];  // what symbols i and i + 1 become; kNoMerge at 0, at size and up to the next multiple of 16
  size_t size = 0;
};

// places: a bit for each place of `symbols` at which a symbol stands in the end. pairs is used up.
struct ScanFunctions {
  uint64_t (*one)(const BpeRules& rules, BpeRow& row);
  // Up to kMostRows rows of at most 15 symbols at once: the look-ups of one row wait for each other, those of
  // several do not.
  void (*several)(const BpeRules& rules, std::span<BpeRow> rows, std::span<uint64_t> places);
};
const ScanFunctions& scan_functions();  // the fastest for this processor; all give the same

extern const ScanFunctions kScanPortable;
const ScanFunctions* scan_avx512();  // nullptr where the processor lacks it

// Places that hold a symbol or a border, as bits; the merge at place `at` and its neighbours.
struct BpePlaces {
  explicit BpePlaces(size_t size) : all(~uint64_t{0} >> (62 - size)) {}

  // Takes the right one of the two that merge away; returns its place.
  size_t take_right(size_t at) {
    const uint64_t above = all & (~uint64_t{1} << at);
    all ^= above & -above;
    return static_cast<size_t>(__builtin_ctzll(above));
  }
  size_t next(size_t at) const { return static_cast<size_t>(__builtin_ctzll(all & (~uint64_t{1} << at))); }
  size_t previous(size_t at) const {
    return 63 - static_cast<size_t>(__builtin_clzll(all & ((uint64_t{1} << at) - 1)));
  }
  // Without the borders.
  uint64_t symbols(size_t size) const { return all & ~(uint64_t{1} | uint64_t{2} << size); }

  uint64_t all;
};

}  // namespace aurora::tokenizer
