// AVX2 with FMA: 6 x 16 in 12 of the 16 registers.
#include "aurora/kernels/cpu/intrinsics.h"
#include "aurora/kernels/cpu/microkernel_generic.h"

namespace aurora::kernels::cpu {
namespace {

constexpr int kRows = 6, kVectors = 2, kLanes = 8;

// A vector of columns as f32.
[[gnu::target("avx2,fma"), gnu::always_inline]] inline __m256 load(const float* from) {
  return _mm256_loadu_ps(from);
}
[[gnu::target("avx2,fma"), gnu::always_inline]] inline __m256 load(const device::bf16* from) {
  const __m128i halves = _mm_loadu_si128(reinterpret_cast<const __m128i*>(from));
  return _mm256_castsi256_ps(_mm256_slli_epi32(_mm256_cvtepu16_epi32(halves), 16));
}

template <int kCount, typename Column>
struct Product {
  [[gnu::target("avx2,fma")]] static void run(const MicroProduct& p) {
    __m256 sum[kCount][kVectors];
#pragma GCC unroll 16
    for (int i = 0; i < kCount; ++i)
#pragma GCC unroll 2
      for (int j = 0; j < kVectors; ++j) sum[i][j] = _mm256_setzero_ps();
    const float* a = reinterpret_cast<const float*>(p.a);
    const Column* b = static_cast<const Column*>(p.b);
    for (int64_t s = 0; s < p.steps; ++s, a += p.a_step_stride, b += kVectors * kLanes) {
      const __m256 b0 = load(b), b1 = load(b + kLanes);
#pragma GCC unroll 16
      for (int i = 0; i < kCount; ++i) {
        const __m256 x = _mm256_set1_ps(a[i * p.a_row_stride]);
        sum[i][0] = _mm256_fmadd_ps(x, b0, sum[i][0]);
        sum[i][1] = _mm256_fmadd_ps(x, b1, sum[i][1]);
      }
    }
#pragma GCC unroll 16
    for (int i = 0; i < kCount; ++i)
#pragma GCC unroll 2
      for (int j = 0; j < kVectors; ++j) {
        float* c = p.c + i * p.c_stride + j * kLanes;
        _mm256_storeu_ps(c, p.add ? _mm256_add_ps(_mm256_loadu_ps(c), sum[i][j]) : sum[i][j]);
      }
  }
};

template <int kCount>
using F32Columns = Product<kCount, float>;
template <int kCount>
using Bf16Columns = Product<kCount, device::bf16>;

void run(const MicroProduct& p) {
  dispatch_rows<kRows, F32Columns>(p);
}
void run_bf16_columns(const MicroProduct& p) {
  dispatch_rows<kRows, Bf16Columns>(p);
}

[[gnu::target("avx2,fma")]] void pack(const PackSource& source, int width, uint32_t* panels,
                                      int64_t panel_stride) {
  pack_f32(source, width, panels, panel_stride);
}

[[gnu::target("avx2,fma")]] void write(const TileOut& tile) {
  write_tile(tile);
}

}  // namespace

const Microkernel kAvx2Microkernel{"avx2", device::DType::kF32, kRows, kVectors* kLanes,
                                   run,    run_bf16_columns,    pack,  write};

}  // namespace aurora::kernels::cpu
