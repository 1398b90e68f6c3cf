// Comparisons of 64 bytes with AVX-512.
#pragma once

// g++ 12's _mm512_undefined_* are "used uninitialized" by design; the warning is given where they are
// inlined.
#pragma GCC diagnostic ignored "-Wuninitialized"
#if !defined(__clang__)
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif
#include <immintrin.h>

#include <cstdint>

namespace aurora::pretokenize {

[[gnu::target("avx512vbmi,avx512vbmi2,bmi,bmi2,lzcnt,popcnt")]] inline uint64_t equal(__m512i bytes,
                                                                                      int one) {
  return _mm512_cmpeq_epi8_mask(bytes, _mm512_set1_epi8(static_cast<char>(one)));
}

// Whether first <= byte < first + count.
[[gnu::target("avx512vbmi,avx512vbmi2,bmi,bmi2,lzcnt,popcnt")]] inline uint64_t in_range(__m512i bytes,
                                                                                         int first,
                                                                                         int count) {
  const __m512i above = _mm512_sub_epi8(bytes, _mm512_set1_epi8(static_cast<char>(first)));
  return _mm512_cmplt_epu8_mask(above, _mm512_set1_epi8(static_cast<char>(count)));
}

}  // namespace aurora::pretokenize
