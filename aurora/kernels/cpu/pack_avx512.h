// Packing for the AVX-512 microkernels: units are moved sixteen at a time, rows are turned into columns in
// registers. For their sources only.
#pragma once

#include <algorithm>

#include "aurora/kernels/cpu/intrinsics.h"
#include "aurora/kernels/cpu/microkernel.h"

namespace aurora::kernels::cpu::avx512 {

constexpr int64_t kLanes = 16;

[[gnu::target("avx512f,avx512bw,avx512dq,avx512vl")]] inline __mmask16 first_lanes(int64_t count) {
  return count >= kLanes ? 0xffff : count <= 0 ? 0 : static_cast<__mmask16>((1u << count) - 1);
}

// How units are read. Each kind has kDepth, the elements of one unit along the summed axis, and
//   along_depth(row, left): 16 units of one stored row, of which `left` elements exist;
//   across(row, stride, left, mask): one unit of 16 neighbours, `left` stored rows existing.
struct F32 {
  using Element = float;
  static constexpr int64_t kDepth = 1;
  [[gnu::target("avx512f,avx512bw,avx512dq,avx512vl")]] static __m512i along_depth(const float* row,
                                                                                   int64_t left) {
    return _mm512_maskz_loadu_epi32(first_lanes(left), row);
  }
  [[gnu::target("avx512f,avx512bw,avx512dq,avx512vl")]] static __m512i across(const float* row, int64_t,
                                                                              int64_t, __mmask16 mask) {
    return _mm512_maskz_loadu_epi32(mask, row);
  }
};
struct Bf16Widened {
  using Element = uint16_t;
  static constexpr int64_t kDepth = 1;
  [[gnu::target("avx512f,avx512bw,avx512dq,avx512vl")]] static __m512i widen(__m256i halves) {
    return _mm512_slli_epi32(_mm512_cvtepu16_epi32(halves), 16);
  }
  [[gnu::target("avx512f,avx512bw,avx512dq,avx512vl")]] static __m512i along_depth(const uint16_t* row,
                                                                                   int64_t left) {
    return widen(_mm256_maskz_loadu_epi16(first_lanes(left), row));
  }
  [[gnu::target("avx512f,avx512bw,avx512dq,avx512vl")]] static __m512i across(const uint16_t* row, int64_t,
                                                                              int64_t, __mmask16 mask) {
    return widen(_mm256_maskz_loadu_epi16(mask, row));
  }
};
struct Bf16Pairs {
  using Element = uint16_t;
  static constexpr int64_t kDepth = 2;
  [[gnu::target("avx512f,avx512bw,avx512dq,avx512vl")]] static __m512i along_depth(const uint16_t* row,
                                                                                   int64_t left) {
    return _mm512_maskz_loadu_epi16(left >= 32 ? ~0u : (1u << left) - 1, row);
  }
  [[gnu::target("avx512f,avx512bw,avx512dq,avx512vl")]] static __m512i across(const uint16_t* row,
                                                                              int64_t stride, int64_t left,
                                                                              __mmask16 mask) {
    const __m512i low = _mm512_cvtepu16_epi32(_mm256_maskz_loadu_epi16(mask, row));
    if (left < 2) return low;
    return _mm512_or_si512(low, Bf16Widened::widen(_mm256_maskz_loadu_epi16(mask, row + stride)));
  }
};

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

// Up to 16 stored rows [outer, depth] into lanes [0, 16) of a panel. Lanes beyond the panel's width spill
// into the next step's, which are written later; the last step's spill is the panel's slack.
template <typename Units>
[[gnu::target("avx512f,avx512bw,avx512dq,avx512vl")]] inline void pack_rows(
    const typename Units::Element* rows, int64_t stride, int count, int64_t depth, int width,
    uint32_t* panel) {
  for (int64_t k = 0; k < depth; k += kLanes * Units::kDepth) {
    __m512i r[16];
#pragma GCC unroll 16
    for (int i = 0; i < 16; ++i)
      r[i] = i < count ? Units::along_depth(rows + i * stride + k, depth - k) : _mm512_setzero_si512();
    transpose(r);
    uint32_t* to = panel + k / Units::kDepth * width;
    const int64_t steps = (depth - k + Units::kDepth - 1) / Units::kDepth;
    if (steps >= kLanes) {
#pragma GCC unroll 16
      for (int i = 0; i < 16; ++i) _mm512_storeu_si512(to + i * width, r[i]);
    } else {
      for (int i = 0; i < steps; ++i) _mm512_storeu_si512(to + i * width, r[i]);
    }
  }
}

// Stored rows [depth, outer].
template <typename Units>
[[gnu::target("avx512f,avx512bw,avx512dq,avx512vl")]] inline void pack_columns(const PackSource& source,
                                                                               int width, uint32_t* panels,
                                                                               int64_t panel_stride) {
  const auto* data = static_cast<const typename Units::Element*>(source.data);
  for (int64_t k = 0, step = 0; k < source.depth; k += Units::kDepth, ++step) {
    const auto* row = data + k * source.stride;
    for (int64_t begin = 0, p = 0; begin < source.outer; begin += width, ++p) {
      for (int lane = 0; lane < width; lane += kLanes) {
        const __mmask16 mask = first_lanes(source.outer - begin - lane);
        const __m512i unit = Units::across(row + begin + lane, source.stride, source.depth - k, mask);
        _mm512_storeu_si512(panels + p * panel_stride + step * width + lane, unit);
      }
    }
  }
}

// Microkernel::pack.
template <typename Units>
void pack(const PackSource& source, int width, uint32_t* panels, int64_t panel_stride) {
  if (!source.depth_is_contiguous) return pack_columns<Units>(source, width, panels, panel_stride);
  const auto* data = static_cast<const typename Units::Element*>(source.data);
  for (int64_t begin = 0, p = 0; begin < source.outer; begin += width, ++p) {
    for (int lane = 0; lane < width; lane += kLanes) {
      const int64_t left = std::min<int64_t>(source.outer - begin, width) - lane;
      const int count = static_cast<int>(std::clamp<int64_t>(left, 0, kLanes));
      pack_rows<Units>(data + (count ? (begin + lane) * source.stride : 0), source.stride, count,
                       source.depth, width, panels + p * panel_stride + lane);
    }
  }
}

}  // namespace aurora::kernels::cpu::avx512
