// AVX-512 with VNNI: vpdpbusd adds four products of unsigned weights and signed activations to a 32-bit lane,
// one column a lane, and never saturates. Two vectors of columns by 6 rows take 12 of the 32 registers for
// the group's dots and 12 for the sums in f32.
#include <cstring>

#include "aurora/kernels/cpu/intrinsics.h"
#include "aurora/kernels/cpu/quant_kernel.h"

namespace aurora::kernels::cpu {
namespace {

constexpr int kVectors = kQuantColumns / 16;
// Weights this far ahead are asked for where a group takes long enough for them to arrive meanwhile. With
// fewer rows the processor's own prefetching keeps up, and asking would be in its way.
constexpr int kAhead = 16 << 10;  // bytes

// Loads stored step s; calls fn(word, w) with the weights of each word that it holds.
struct Int8 {
  static constexpr int kSteps = 8, kRowsToAsk = 5;
  template <typename Fn>
  [[gnu::target("avx512f,avx512bw,avx512dq,avx512vl,avx512vnni"), gnu::always_inline]] static void step(
      const std::byte* steps, int s, const Fn& fn) {
    const __m512i w[kVectors] = {_mm512_loadu_si512(steps + s * kStepBytes),
                                 _mm512_loadu_si512(steps + s * kStepBytes + 64)};
    fn(s, w);
  }
};
struct Int4 {
  static constexpr int kSteps = 4, kRowsToAsk = kQuantRows + 1;  // never: unpacking takes longer
  template <typename Fn>
  [[gnu::target("avx512f,avx512bw,avx512dq,avx512vl,avx512vnni"), gnu::always_inline]] static void step(
      const std::byte* steps, int s, const Fn& fn) {
    const __m512i nibble = _mm512_set1_epi8(15);
    const __m512i both[kVectors] = {_mm512_loadu_si512(steps + s * kStepBytes),
                                    _mm512_loadu_si512(steps + s * kStepBytes + 64)};
    const __m512i low[kVectors] = {_mm512_and_si512(both[0], nibble), _mm512_and_si512(both[1], nibble)};
    const __m512i high[kVectors] = {_mm512_and_si512(_mm512_srli_epi32(both[0], 4), nibble),
                                    _mm512_and_si512(_mm512_srli_epi32(both[1], 4), nibble)};
    fn(s, low);
    fn(s + 4, high);
  }
};

template <typename Format, int kRows>
struct Product {
  [[gnu::target("avx512f,avx512bw,avx512dq,avx512vl,avx512vnni")]] static void run(const QuantProduct& p) {
    __m512 sum[kRows][kVectors];
#pragma GCC unroll 8
    for (int r = 0; r < kRows; ++r)
#pragma GCC unroll 2
      for (int v = 0; v < kVectors; ++v)
        sum[r][v] = p.add ? _mm512_loadu_ps(p.sum + r * p.stride + v * 16) : _mm512_setzero_ps();
    const int32_t* a = p.a;
    const std::byte* w = p.w;
    for (int64_t g = 0; g < p.groups;
         ++g, a += quant_group_words(kRows), w += quant_group_bytes(Format::kSteps))
      add_group(a, w, sum);
#pragma GCC unroll 8
    for (int r = 0; r < kRows; ++r)
#pragma GCC unroll 2
      for (int v = 0; v < kVectors; ++v) _mm512_storeu_ps(p.sum + r * p.stride + v * 16, sum[r][v]);
  }

  [[gnu::target("avx512f,avx512bw,avx512dq,avx512vl,avx512vnni"), gnu::always_inline]] static void add_group(
      const int32_t* a, const std::byte* w, __m512 (&sum)[kRows][kVectors]) {
    const int32_t *d = a + kGroupWords * kRows, *bias = d + kRows;
    __m512i dot[kRows][kVectors];
#pragma GCC unroll 8
    for (int r = 0; r < kRows; ++r) dot[r][0] = dot[r][1] = _mm512_set1_epi32(bias[r]);
#pragma GCC unroll 8
    for (int s = 0; s < Format::kSteps; ++s) {
      if constexpr (kRows >= Format::kRowsToAsk) {
        const char* step = reinterpret_cast<const char*>(w) + s * kStepBytes;
        _mm_prefetch(step + kAhead, _MM_HINT_T1);
        _mm_prefetch(step + kAhead + 64, _MM_HINT_T1);
      }
      Format::step(
          w + kScaleBytes, s,
          [&](int word, const __m512i(&weights)[kVectors])
              __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512vnni"), always_inline)) {
#pragma GCC unroll 8
                for (int r = 0; r < kRows; ++r) {
                  const __m512i x = _mm512_set1_epi32(a[word * kRows + r]);
                  dot[r][0] = _mm512_dpbusd_epi32(dot[r][0], weights[0], x);
                  dot[r][1] = _mm512_dpbusd_epi32(dot[r][1], weights[1], x);
                }
              });
    }
    const __m512i scales = _mm512_loadu_si512(w);
    const __m512 scale[kVectors] = {_mm512_cvtph_ps(_mm512_castsi512_si256(scales)),
                                    _mm512_cvtph_ps(_mm512_extracti64x4_epi64(scales, 1))};
#pragma GCC unroll 8
    for (int r = 0; r < kRows; ++r) {
      const __m512 row = _mm512_castsi512_ps(_mm512_set1_epi32(d[r]));
#pragma GCC unroll 2
      for (int v = 0; v < kVectors; ++v)
        sum[r][v] = _mm512_fmadd_ps(_mm512_cvtepi32_ps(dot[r][v]), _mm512_mul_ps(scale[v], row), sum[r][v]);
    }
  }
};

template <int kRows>
using Int8Product = Product<Int8, kRows>;
template <int kRows>
using Int4Product = Product<Int4, kRows>;

void int8(const QuantProduct& p) {
  dispatch_quant_rows<kQuantRows, Int8Product>(p);
}
void int4(const QuantProduct& p) {
  dispatch_quant_rows<kQuantRows, Int4Product>(p);
}

}  // namespace

const QuantKernel kAvx512VnniQuantKernel{"avx512_vnni", int8, int4};

}  // namespace aurora::kernels::cpu
