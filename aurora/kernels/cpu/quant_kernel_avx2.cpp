// AVX2: eight columns at a time. vpmaddubsw multiplies unsigned by signed bytes and adds neighbours in 16
// bits, saturating; so that it never has to, int8 weights lend their sign to the activations (128 * 127 * 2
// fits), and int4 weights are small as they are stored (15 * 127 * 2).
#include "aurora/kernels/cpu/intrinsics.h"
#include "aurora/kernels/cpu/quant_kernel.h"

namespace aurora::kernels::cpu {
namespace {

constexpr int kVectors = kQuantColumns / 8;

struct Int8 {
  static constexpr int kSteps = 8;
  static constexpr bool kBiased = false;
  // dot[r] += the 8 columns' products with word s of each row.
  template <int kRows>
  [[gnu::target("avx2,fma,f16c"), gnu::always_inline]] static void step(const std::byte* at, const int32_t* a,
                                                                        int s, __m256i (&dot)[kRows]) {
    const __m256i stored = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(at + s * kStepBytes));
    const __m256i w = _mm256_xor_si256(stored, _mm256_set1_epi8(-128)), size = _mm256_abs_epi8(w);
#pragma GCC unroll 8
    for (int r = 0; r < kRows; ++r) {
      const __m256i x = _mm256_sign_epi8(_mm256_set1_epi32(a[s * kRows + r]), w);
      dot[r] =
          _mm256_add_epi32(dot[r], _mm256_madd_epi16(_mm256_maddubs_epi16(size, x), _mm256_set1_epi16(1)));
    }
  }
};
struct Int4 {
  static constexpr int kSteps = 4;
  static constexpr bool kBiased = true;
  template <int kRows>
  [[gnu::target("avx2,fma,f16c"), gnu::always_inline]] static void step(const std::byte* at, const int32_t* a,
                                                                        int s, __m256i (&dot)[kRows]) {
    const __m256i both = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(at + s * kStepBytes));
    const __m256i nibble = _mm256_set1_epi8(15), low = _mm256_and_si256(both, nibble);
    const __m256i high = _mm256_and_si256(_mm256_srli_epi32(both, 4), nibble);
#pragma GCC unroll 8
    for (int r = 0; r < kRows; ++r) {
      const __m256i x = _mm256_set1_epi32(a[s * kRows + r]), y = _mm256_set1_epi32(a[(s + 4) * kRows + r]);
      // 4 * 15 * 127 fits in 16 bits too.
      const __m256i pairs = _mm256_add_epi16(_mm256_maddubs_epi16(low, x), _mm256_maddubs_epi16(high, y));
      dot[r] = _mm256_add_epi32(dot[r], _mm256_madd_epi16(pairs, _mm256_set1_epi16(1)));
    }
  }
};

template <typename Format, int kRows>
struct Product {
  [[gnu::target("avx2,fma,f16c")]] static void run(const QuantProduct& p) {
    if (!p.add) {
      for (int r = 0; r < kRows; ++r)
        for (int v = 0; v < kVectors; ++v)
          _mm256_storeu_ps(p.sum + r * p.stride + v * 8, _mm256_setzero_ps());
    }
    const int32_t* a = p.a;
    const std::byte* w = p.w;
    for (int64_t g = 0; g < p.groups;
         ++g, a += quant_group_words(kRows), w += quant_group_bytes(Format::kSteps)) {
      for (int v = 0; v < kVectors; ++v) add_group(p, a, w, v);
    }
  }

  // Columns 8v .. 8v+7 of one group.
  [[gnu::target("avx2,fma,f16c"), gnu::always_inline]] static void add_group(const QuantProduct& p,
                                                                             const int32_t* a,
                                                                             const std::byte* w, int v) {
    const int32_t *d = a + kGroupWords * kRows, *bias = d + kRows;
    __m256i dot[kRows];
#pragma GCC unroll 8
    for (int r = 0; r < kRows; ++r) dot[r] = _mm256_set1_epi32(Format::kBiased ? bias[r] : 0);
#pragma GCC unroll 8
    for (int s = 0; s < Format::kSteps; ++s)
      Format::template step<kRows>(w + kScaleBytes + v * 32, a, s, dot);
    const __m256 scale = _mm256_cvtph_ps(_mm_loadu_si128(reinterpret_cast<const __m128i*>(w + v * 16)));
#pragma GCC unroll 8
    for (int r = 0; r < kRows; ++r) {
      float* sum = p.sum + r * p.stride + v * 8;
      const __m256 both = _mm256_mul_ps(scale, _mm256_castsi256_ps(_mm256_set1_epi32(d[r])));
      _mm256_storeu_ps(sum, _mm256_fmadd_ps(_mm256_cvtepi32_ps(dot[r]), both, _mm256_loadu_ps(sum)));
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

const QuantKernel kAvx2QuantKernel{"avx2", int8, int4};

}  // namespace aurora::kernels::cpu
