// AVX-512 in f32: 12 x 32 in 24 of the 32 registers.
#include "aurora/kernels/cpu/intrinsics.h"
#include "aurora/kernels/cpu/microkernel_generic.h"
#include "aurora/kernels/cpu/pack_avx512.h"

namespace aurora::kernels::cpu {
namespace {

constexpr int kRows = 12, kVectors = 2, kLanes = 16;

// A vector of columns as f32.
[[gnu::target("avx512f,avx512bw,avx512dq,avx512vl"), gnu::always_inline]] inline __m512 load(
    const float* from) {
  return _mm512_loadu_ps(from);
}
[[gnu::target("avx512f,avx512bw,avx512dq,avx512vl"), gnu::always_inline]] inline __m512 load(
    const device::bf16* from) {
  const __m256i halves = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(from));
  return _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu16_epi32(halves), 16));
}

template <int kCount, typename Column>
struct Product {
  [[gnu::target("avx512f,avx512bw,avx512dq,avx512vl")]] static void run(const MicroProduct& p) {
    __m512 sum[kCount][kVectors];
#pragma GCC unroll 16
    for (int i = 0; i < kCount; ++i)
#pragma GCC unroll 2
      for (int j = 0; j < kVectors; ++j) sum[i][j] = _mm512_setzero_ps();
    const float* a = reinterpret_cast<const float*>(p.a);
    const Column* b = static_cast<const Column*>(p.b);
    for (int64_t s = 0; s < p.steps; ++s, a += p.a_step_stride, b += kVectors * kLanes) {
      const __m512 b0 = load(b), b1 = load(b + kLanes);
#pragma GCC unroll 16
      for (int i = 0; i < kCount; ++i) {
        const __m512 x = _mm512_set1_ps(a[i * p.a_row_stride]);
        sum[i][0] = _mm512_fmadd_ps(x, b0, sum[i][0]);
        sum[i][1] = _mm512_fmadd_ps(x, b1, sum[i][1]);
      }
    }
#pragma GCC unroll 16
    for (int i = 0; i < kCount; ++i)
#pragma GCC unroll 2
      for (int j = 0; j < kVectors; ++j) {
        float* c = p.c + i * p.c_stride + j * kLanes;
        _mm512_storeu_ps(c, p.add ? _mm512_add_ps(_mm512_loadu_ps(c), sum[i][j]) : sum[i][j]);
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

void pack(const PackSource& source, int width, uint32_t* panels, int64_t panel_stride) {
  if (source.dtype == device::DType::kBF16)
    avx512::pack<avx512::Bf16Widened>(source, width, panels, panel_stride);
  else
    avx512::pack<avx512::F32>(source, width, panels, panel_stride);
}

[[gnu::target("avx512f,avx512bw,avx512dq,avx512vl")]] void write(const TileOut& tile) {
  write_tile(tile);
}

}  // namespace

const Microkernel kAvx512Microkernel{"avx512", device::DType::kF32, kRows, kVectors* kLanes,
                                     run,      run_bf16_columns,    pack,  write};

}  // namespace aurora::kernels::cpu
