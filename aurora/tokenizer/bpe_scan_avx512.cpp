// The row's pairs stay in registers.
#include "aurora/tokenizer/bpe_scan.h"

#if defined(__x86_64__)

#include <immintrin.h>

namespace aurora::tokenizer {

#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"  // GCC 12 on its own header (bug 105593)
#pragma GCC push_options
#pragma GCC target("avx512f,avx512bw,bmi,bmi2,lzcnt")

namespace {

// BpeRules::find without branches that depend on what is found.
inline uint32_t find(const BpeRules& rules, uint32_t left, uint32_t right) {
  const BpeRules::Pair pair(left, right);
  const uint32_t* slots = rules.line(pair);
  const __m512i tags = _mm512_srli_epi32(_mm512_load_si512(slots), 21);
  const uint32_t equal = _mm512_cmpeq_epu32_mask(tags, _mm512_set1_epi32(static_cast<int>(pair.tag())));
  const uint32_t slot = equal != 0 ? slots[__builtin_ctz(equal | 0x8000)] & kMaxSymbols : 0;
  const bool found = rules.key_of(slot) == pair.key;
  // Seldom: another pair of this tag, or a full line.
  const bool unsure = (!found) & ((equal != 0) | (slots[BpeRules::kSlots - 1] != BpeRules::kFree));
  if (__builtin_expect(unsure, 0)) return rules.find(left, right);
  return found ? slot : kNoMerge;
}

// `kVectors` times 16 places in registers.
template <int kVectors>
uint64_t scan_vectors(const BpeRules& rules, BpeRow& row) {
  __m512i pairs[kVectors];
  for (int v = 0; v < kVectors; ++v) pairs[v] = _mm512_load_si512(row.pairs + 16 * v);
  BpePlaces places(row.size);
  while (true) {
    __m512i lowest = pairs[0];
    for (int v = 1; v < kVectors; ++v) lowest = _mm512_min_epu32(lowest, pairs[v]);
    const uint32_t result = _mm512_reduce_min_epu32(lowest);
    if (result == kNoMerge) return places.symbols(row.size);
    const __m512i wanted = _mm512_set1_epi32(static_cast<int>(result));
    uint64_t found = 0;
    for (int v = 0; v < kVectors; ++v) {
      found |= uint64_t{_mm512_cmpeq_epu32_mask(pairs[v], wanted)} << 16 * v;
    }
    const size_t at = static_cast<size_t>(__builtin_ctzll(found));
    const size_t right = places.take_right(at);
    const size_t next = places.next(at);
    const size_t previous = places.previous(at);
    row.symbols[at] = result;
    const uint32_t behind = find(rules, result, row.symbols[next]);
    const uint32_t before = find(rules, row.symbols[previous], result);
    for (int v = 0; v < kVectors; ++v) {
      const auto mask = [v](size_t place) { return static_cast<__mmask16>(uint64_t{1} << place >> 16 * v); };
      pairs[v] = _mm512_mask_set1_epi32(pairs[v], mask(right), -1);
      pairs[v] = _mm512_mask_set1_epi32(pairs[v], mask(at), static_cast<int>(behind));
      pairs[v] = _mm512_mask_set1_epi32(pairs[v], mask(previous), static_cast<int>(before));
    }
  }
}

}  // namespace

uint64_t scan_avx512(const BpeRules& rules, BpeRow& row) {
  if (row.size < 16) return scan_vectors<1>(rules, row);
  if (row.size < 32) return scan_vectors<2>(rules, row);
  if (row.size < 48) return scan_vectors<3>(rules, row);
  return scan_vectors<4>(rules, row);
}

#pragma GCC pop_options

bool has_scan_avx512() {
  static const bool has = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                          __builtin_cpu_supports("bmi2") && __builtin_cpu_supports("lzcnt");
  return has;
}

}  // namespace aurora::tokenizer

#else

namespace aurora::tokenizer {

bool has_scan_avx512() {
  return false;
}
uint64_t scan_avx512(const BpeRules& rules, BpeRow& row) {
  return scan_portable(rules, row);
}

}  // namespace aurora::tokenizer

#endif
