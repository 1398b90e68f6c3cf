#include "aurora/tokenizer/bpe/scan.h"

#if defined(__x86_64__)

#include <immintrin.h>

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

// BpeRules::find without branches that depend on what is found.
inline uint32_t find(const BpeRules& rules, uint32_t left, uint32_t right) {
  const BpeRules::Pair pair(left, right);
  const uint32_t* slots = rules.line(pair);
  const __m512i tags = _mm512_srli_epi32(_mm512_load_si512(slots), 21);
  const uint32_t equal =
      number_of(_mm512_cmpeq_epu32_mask(tags, _mm512_set1_epi32(static_cast<int>(pair.tag()))));
  const uint32_t slot = equal != 0 ? slots[__builtin_ctz(equal | 0x8000)] & kMaxSymbols : 0;
  const bool found = rules.key_of(slot) == pair.key;
  // Seldom: another pair of this tag, or a full line.
  const bool unsure = (!found) & ((equal != 0) | (slots[BpeRules::kSlots - 1] != BpeRules::kFree));
  if (__builtin_expect(unsure, 0)) return rules.find(left, right);
  return found ? slot : kNoMerge;
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

void scan_several(const BpeRules& rules, std::span<BpeRow> rows, std::span<uint64_t> all_places) {
  uint64_t going = (uint64_t{1} << rows.size()) - 1;
  for (size_t i = 0; i < rows.size(); ++i) all_places[i] = BpePlaces(rows[i].size).all;
  while (going != 0) {
    for (uint64_t left = going; left != 0; left &= left - 1) {
      const size_t i = static_cast<size_t>(__builtin_ctzll(left));
      BpeRow& row = rows[i];
      Pairs<1> pairs(row);
      BpePlaces places(0);
      places.all = all_places[i];
      if (step(rules, row.symbols, pairs, places)) {
        all_places[i] = places.all;
        _mm512_store_si512(row.pairs, pairs.at[0]);
      } else {
        all_places[i] = places.symbols(row.size);
        going ^= uint64_t{1} << i;
      }
    }
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
