#include "aurora/tokenizer/bpe/scan.h"

#if defined(__x86_64__)

#include <immintrin.h>

#include <array>

namespace aurora::tokenizer {

#if defined(__clang__)
#pragma clang attribute push(__attribute__((target("avx512f,avx512bw,bmi,bmi2,lzcnt"))), apply_to = function)
#else
// GCC 12 on its own header (bug 105593).
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#pragma GCC diagnostic ignored "-Wuninitialized"
#pragma GCC push_options
#pragma GCC target("avx512f,avx512bw,bmi,bmi2,lzcnt")
#endif

namespace {

// A mask as a number. GCC 12 may spill the 16 bits of a mask and read back 32; behind the empty statement it
// only knows of 16.
inline uint32_t number_of(__mmask16 mask) {
  uint16_t bits = mask;
  asm("" : "+r"(bits));
  return bits;
}

inline uint32_t number_of(__mmask8 mask) {
  uint8_t bits = mask;
  asm("" : "+r"(bits));
  return bits;
}

// BpeRules::find without branches that depend on what is found.
inline uint32_t find(const BpeRules& rules, const BpeRules::Pair& pair, const uint64_t* slots) {
  const __m512i keys = _mm512_srli_epi64(_mm512_load_si512(slots), 21);
  const uint32_t equal =
      number_of(_mm512_cmpeq_epu64_mask(keys, _mm512_set1_epi64(static_cast<int64_t>(pair.key))));
  // Seldom: not in a full line.
  const bool unsure = (equal == 0) & (slots[BpeRules::kSlots - 1] != BpeRules::kFree);
  if (__builtin_expect(unsure, 0)) {
    return rules.find(static_cast<uint32_t>(pair.key >> 21), static_cast<uint32_t>(pair.key) & kMaxSymbols);
  }
  const uint32_t result = static_cast<uint32_t>(slots[__builtin_ctz(equal | 0x80)]) & kMaxSymbols;
  return equal != 0 ? result : kNoMerge;
}
inline uint32_t find(const BpeRules& rules, uint32_t left, uint32_t right) {
  const BpeRules::Pair pair(left, right);
  return find(rules, pair, rules.line(pair));
}

// The row's first 16 * kVectors places in registers.
template <int kVectors>
struct Pairs {
  explicit Pairs(const BpeRow& row) {
    for (int v = 0; v < kVectors; ++v) at[v] = _mm512_load_si512(row.pairs + 16 * v);
  }
  uint32_t lowest() const {
    __m512i all = at[0];
    for (int v = 1; v < kVectors; ++v) all = _mm512_min_epu32(all, at[v]);
    return _mm512_reduce_min_epu32(all);
  }
  size_t first(uint32_t result) const {
    const __m512i wanted = _mm512_set1_epi32(static_cast<int>(result));
    uint64_t found = 0;
    for (int v = 0; v < kVectors; ++v)
      found |= uint64_t{number_of(_mm512_cmpeq_epu32_mask(at[v], wanted))} << 16 * v;
    return static_cast<size_t>(__builtin_ctzll(found));
  }
  void set(size_t place, uint32_t result) {
    for (int v = 0; v < kVectors; ++v) {
      const __mmask16 mask = static_cast<__mmask16>(uint64_t{1} << place >> 16 * v);
      at[v] = _mm512_mask_set1_epi32(at[v], mask, static_cast<int>(result));
    }
  }
  __m512i at[kVectors];
};

// One merge; false: none is left.
template <int kVectors>
inline bool step(const BpeRules& rules, uint32_t* symbols, Pairs<kVectors>& pairs, BpePlaces& places) {
  const uint32_t result = pairs.lowest();
  if (result == kNoMerge) return false;
  const size_t at = pairs.first(result);
  const size_t right = places.take_right(at);
  const size_t next = places.next(at);
  const size_t previous = places.previous(at);
  symbols[at] = result;
  const uint32_t behind = find(rules, result, symbols[next]);
  const uint32_t before = find(rules, symbols[previous], result);
  pairs.set(right, kNoMerge);
  pairs.set(at, behind);
  pairs.set(previous, before);
  return true;
}

template <int kVectors>
uint64_t scan_vectors(const BpeRules& rules, BpeRow& row) {
  Pairs<kVectors> pairs(row);
  BpePlaces places(row.size);
  while (step(rules, row.symbols, pairs, places)) {
  }
  return places.symbols(row.size);
}

uint64_t scan_one(const BpeRules& rules, BpeRow& row) {
  if (row.size < 16) return scan_vectors<1>(rules, row);
  if (row.size < 32) return scan_vectors<2>(rules, row);
  if (row.size < 48) return scan_vectors<3>(rules, row);
  return scan_vectors<4>(rules, row);
}

// What a row waits for.
struct Waiting {
  size_t at;
  size_t previous;
  BpeRules::Pair behind;
  BpeRules::Pair before;
  const uint64_t* behind_line;
  const uint64_t* before_line;
};

// Rounds of one merge for each row that goes on; in three steps, so that the lines of all rows are fetched at
// once.
void scan_several(const BpeRules& rules, std::span<BpeRow> rows, std::span<uint64_t> all_places) {
  std::array<uint32_t, kMostRows> going;
  std::array<uint32_t, kMostRows> results;
  std::array<Waiting, kMostRows> waiting;
  size_t count = rows.size();
  for (size_t i = 0; i < count; ++i) {
    going[i] = static_cast<uint32_t>(i);
    all_places[i] = BpePlaces(rows[i].size).all;
  }
  while (true) {
    size_t left = 0;
    for (size_t i = 0; i < count; ++i) {
      const uint32_t row = going[i];
      const Pairs<1> pairs(rows[row]);
      const uint32_t result = pairs.lowest();
      going[left] = row;
      results[left] = result;
      waiting[left].at = pairs.first(result);
      left += result != kNoMerge;
    }
    count = left;
    if (count == 0) break;
    for (size_t i = 0; i < count; ++i) {
      BpeRow& row = rows[going[i]];
      Waiting& wait = waiting[i];
      const uint32_t result = results[i];
      BpePlaces places(0);
      places.all = all_places[going[i]];
      row.pairs[places.take_right(wait.at)] = kNoMerge;
      all_places[going[i]] = places.all;
      wait.previous = places.previous(wait.at);
      row.symbols[wait.at] = result;
      wait.behind = BpeRules::Pair(result, row.symbols[places.next(wait.at)]);
      wait.before = BpeRules::Pair(row.symbols[wait.previous], result);
      wait.behind_line = rules.line(wait.behind);
      wait.before_line = rules.line(wait.before);
      __builtin_prefetch(wait.behind_line);
      __builtin_prefetch(wait.before_line);
    }
    for (size_t i = 0; i < count; ++i) {
      BpeRow& row = rows[going[i]];
      const Waiting& wait = waiting[i];
      row.pairs[wait.at] = find(rules, wait.behind, wait.behind_line);
      row.pairs[wait.previous] = find(rules, wait.before, wait.before_line);
    }
  }
  for (size_t i = 0; i < rows.size(); ++i) {
    BpePlaces places(0);
    places.all = all_places[i];
    all_places[i] = places.symbols(rows[i].size);
  }
}

constexpr ScanFunctions kScanAvx512 = {scan_one, scan_several};

}  // namespace

#if defined(__clang__)
#pragma clang attribute pop
#else
#pragma GCC pop_options
#endif

const ScanFunctions* scan_avx512() {
  // Every processor with BMI2 has LZCNT; clang 14 cannot ask for it.
  static const bool has = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                          __builtin_cpu_supports("bmi") && __builtin_cpu_supports("bmi2");
  return has ? &kScanAvx512 : nullptr;
}

}  // namespace aurora::tokenizer

#else

namespace aurora::tokenizer {

const ScanFunctions* scan_avx512() {
  return nullptr;
}

}  // namespace aurora::tokenizer

#endif
