// AVX-512 bf16: 12 x 32 in 24 of the 32 registers. vdpbf16ps adds a pair of bf16 products to an f32 lane; on
// Zen 4 one starts per cycle, so 24 independent sums hide its latency. Measured at 97 % of that bound once
// the panels are packed (12 x 32 asks L2 for half of what 6 x 64 does).
#include "aurora/kernels/cpu/intrinsics.h"
#include "aurora/kernels/cpu/microkernel_generic.h"

namespace aurora::kernels::cpu {
namespace {

constexpr int kRows = 12, kVectors = 2, kLanes = 16;

template <int kCount>
struct Product {
  [[gnu::target("avx512f,avx512bw,avx512dq,avx512vl,avx512bf16")]] static void run(const MicroProduct& p) {
    __m512 sum[kCount][kVectors];
#pragma GCC unroll 16
    for (int i = 0; i < kCount; ++i)
#pragma GCC unroll 2
      for (int j = 0; j < kVectors; ++j) sum[i][j] = _mm512_setzero_ps();
    const uint32_t *a = p.a, *b = p.b;
    for (int64_t s = 0; s < p.steps; ++s, a += p.a_step_stride, b += kVectors * kLanes) {
      const __m512bh b0 = reinterpret_cast<__m512bh>(_mm512_loadu_si512(b));
      const __m512bh b1 = reinterpret_cast<__m512bh>(_mm512_loadu_si512(b + kLanes));
#pragma GCC unroll 16
      for (int i = 0; i < kCount; ++i) {
        const __m512bh x = reinterpret_cast<__m512bh>(_mm512_set1_epi32(a[i * p.a_row_stride]));
        sum[i][0] = _mm512_dpbf16_ps(sum[i][0], x, b0);
        sum[i][1] = _mm512_dpbf16_ps(sum[i][1], x, b1);
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

void run(const MicroProduct& p) {
  dispatch_rows<kRows, Product>(p);
}

// Turns 16 rows of 16 units into 16 columns.
[[gnu::target("avx512f,avx512bw,avx512dq,avx512vl")]] inline void transpose(__m512i (&r)[16]) {
  __m512i t[16];
#pragma GCC unroll 8
  for (int i = 0; i < 16; i += 2) {
    t[i] = _mm512_unpacklo_epi32(r[i], r[i + 1]);
    t[i + 1] = _mm512_unpackhi_epi32(r[i], r[i + 1]);
  }
#pragma GCC unroll 4
  for (int i = 0; i < 16; i += 4) {
    r[i] = _mm512_unpacklo_epi64(t[i], t[i + 2]);
    r[i + 1] = _mm512_unpackhi_epi64(t[i], t[i + 2]);
    r[i + 2] = _mm512_unpacklo_epi64(t[i + 1], t[i + 3]);
    r[i + 3] = _mm512_unpackhi_epi64(t[i + 1], t[i + 3]);
  }
  // r[4q + c] holds, in its lane l, column 4l + c of rows 4q .. 4q+3.
#pragma GCC unroll 4
  for (int c = 0; c < 4; ++c) {
    const __m512i lo01 = _mm512_shuffle_i32x4(r[c], r[4 + c], 0x88);
    const __m512i hi01 = _mm512_shuffle_i32x4(r[c], r[4 + c], 0xdd);
    const __m512i lo23 = _mm512_shuffle_i32x4(r[8 + c], r[12 + c], 0x88);
    const __m512i hi23 = _mm512_shuffle_i32x4(r[8 + c], r[12 + c], 0xdd);
    t[c] = _mm512_shuffle_i32x4(lo01, lo23, 0x88);
    t[8 + c] = _mm512_shuffle_i32x4(lo01, lo23, 0xdd);
    t[4 + c] = _mm512_shuffle_i32x4(hi01, hi23, 0x88);
    t[12 + c] = _mm512_shuffle_i32x4(hi01, hi23, 0xdd);
  }
#pragma GCC unroll 16
  for (int i = 0; i < 16; ++i) r[i] = t[i];
}

// Up to 16 stored rows [outer, depth] into lanes [lane, lane + 16) of a panel. Lanes beyond the panel's
// width spill into the next step's, which are written later; the last step's spill is the 16 units of slack.
[[gnu::target("avx512f,avx512bw,avx512dq,avx512vl")]] void pack_rows(const uint16_t* rows, int64_t stride,
                                                                     int count, int64_t depth, int width,
                                                                     uint32_t* panel) {
  for (int64_t k = 0; k < depth; k += 32) {
    const int64_t left = depth - k < 32 ? depth - k : 32;
    const __mmask32 mask = left == 32 ? ~0u : (1u << left) - 1;
    __m512i r[16];
#pragma GCC unroll 16
    for (int i = 0; i < 16; ++i)
      r[i] = i < count ? _mm512_maskz_loadu_epi16(mask, rows + i * stride + k) : _mm512_setzero_si512();
    transpose(r);
    uint32_t* to = panel + k / 2 * width;
    if (left == 32) {
#pragma GCC unroll 16
      for (int i = 0; i < 16; ++i) _mm512_storeu_si512(to + i * width, r[i]);
    } else {
      for (int i = 0; i < (left + 1) / 2; ++i) _mm512_storeu_si512(to + i * width, r[i]);
    }
  }
}

// Stored rows [depth, outer]: neighbours along depth are brought together lane by lane.
[[gnu::target("avx512f,avx512bw,avx512dq,avx512vl")]] void pack_columns(const PackSource& source, int width,
                                                                        uint32_t* panels,
                                                                        int64_t panel_stride) {
  const uint16_t* data = static_cast<const uint16_t*>(source.data);
  for (int64_t k = 0; k < source.depth; k += 2) {
    const uint16_t* row = data + k * source.stride;
    const bool pair = k + 1 < source.depth;
    for (int64_t begin = 0, p = 0; begin < source.outer; begin += width, ++p) {
      for (int lane = 0; lane < width; lane += kLanes) {
        const int64_t left = source.outer - begin - lane;
        const __mmask16 mask = left >= kLanes ? 0xffff : left <= 0 ? 0 : (1u << left) - 1;
        const __m512i low = _mm512_cvtepu16_epi32(_mm256_maskz_loadu_epi16(mask, row + begin + lane));
        __m512i unit = low;
        if (pair) {
          const __m256i next = _mm256_maskz_loadu_epi16(mask, row + source.stride + begin + lane);
          unit = _mm512_or_si512(low, _mm512_slli_epi32(_mm512_cvtepu16_epi32(next), 16));
        }
        _mm512_storeu_si512(panels + p * panel_stride + k / 2 * width + lane, unit);
      }
    }
  }
}

void pack(const PackSource& source, int width, uint32_t* panels, int64_t panel_stride) {
  if (!source.depth_is_contiguous) return pack_columns(source, width, panels, panel_stride);
  const uint16_t* data = static_cast<const uint16_t*>(source.data);
  for (int64_t begin = 0, p = 0; begin < source.outer; begin += width, ++p) {
    for (int lane = 0; lane < width; lane += kLanes) {
      const int64_t in_panel = width - lane < kLanes ? width - lane : kLanes;
      const int64_t left = source.outer - begin - lane;
      const int64_t count = left < 0 ? 0 : left < in_panel ? left : in_panel;
      pack_rows(data + (count ? (begin + lane) * source.stride : 0), source.stride, static_cast<int>(count),
                source.depth, width, panels + p * panel_stride + lane);
    }
  }
}

[[gnu::target("avx512f,avx512bw,avx512dq,avx512vl")]] void write(const TileOut& tile) {
  write_tile(tile);
}

}  // namespace

const Microkernel kAvx512Bf16Microkernel{
    "avx512_bf16", device::DType::kBF16, kRows, kVectors* kLanes, run, pack, write};

}  // namespace aurora::kernels::cpu
