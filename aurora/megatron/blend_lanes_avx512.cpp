#include "aurora/megatron/blend_lanes.h"

#if defined(__x86_64__)
// g++ 12 takes _mm512_undefined_* for "used uninitialized".
#pragma GCC diagnostic ignored "-Wuninitialized"
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#include <immintrin.h>

#include <algorithm>
#include <bit>

namespace aurora::megatron {
namespace {

[[gnu::target("avx512f,avx512dq,avx512vl,bmi")]] void select(const Lanes& lanes, int64_t step,
                                                             double threshold, Lanes& out) {
  const __m512d target = _mm512_set1_pd(static_cast<double>(std::max<int64_t>(step, 1)));
  const __m512d least = _mm512_set1_pd(threshold);
  const double* weights = lanes.weights.data();
  const double* counts = lanes.counts.data();
  size_t size = 0;
  __m256i place = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
  for (size_t i = 0; i < lanes.size; i += 8) {
    const __m512d weight = _mm512_loadu_pd(weights + i);
    const __m512d count = _mm512_loadu_pd(counts + i);
    const __m512d error = _mm512_sub_pd(_mm512_mul_pd(weight, target), count);
    const __mmask8 reach = _mm512_cmp_pd_mask(error, least, _CMP_GE_OQ);
    _mm512_storeu_pd(out.weights.data() + size, _mm512_maskz_compress_pd(reach, weight));
    _mm512_storeu_pd(out.counts.data() + size, _mm512_maskz_compress_pd(reach, count));
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(out.from.data() + size),
                        _mm256_maskz_compress_epi32(reach, place));
    size += static_cast<size_t>(std::popcount(static_cast<unsigned>(reach)));
    place = _mm256_add_epi32(place, _mm256_set1_epi32(8));
  }
  out.size = size;
}

// Every lane holds the largest of all.
[[gnu::target("avx512f,avx512dq,avx512vl,bmi"), gnu::always_inline]] inline __m512d top_of(__m512d v) {
  v = _mm512_max_pd(v, _mm512_shuffle_f64x2(v, v, 0b01'00'11'10));
  v = _mm512_max_pd(v, _mm512_shuffle_f64x2(v, v, 0b10'11'00'01));
  return _mm512_max_pd(v, _mm512_permute_pd(v, 0b01010101));
}

size_t earliest_turn(uint64_t tied, const Lanes& lanes, const WeightClasses& classes,
                     const int32_t* cursors) {
  size_t best = lanes.size;
  for (; tied != 0; tied &= tied - 1)
    best = earlier_turn(lanes, classes, cursors, best, static_cast<size_t>(std::countr_zero(tied)));
  return best;
}

// At most 8 * kVectors lanes: weights and counts stay in registers.
template <int kVectors>
[[gnu::target("avx512f,avx512dq,avx512vl,bmi")]] Taken take_vectors(Lanes& lanes,
                                                                    const WeightClasses& classes,
                                                                    int32_t* cursors, const Steps& steps) {
  __m512d weights[kVectors];
  __m512d counts[kVectors];
  __m512d errors[kVectors];
  for (int v = 0; v < kVectors; ++v) {
    weights[v] = _mm512_loadu_pd(lanes.weights.data() + 8 * v);
    counts[v] = _mm512_loadu_pd(lanes.counts.data() + 8 * v);
  }
  const __m512d one = _mm512_set1_pd(1.0);
  const bool singles = classes.singles;
  Taken taken;
  double least = taken.least;
  size_t done = 0;
  for (; done < steps.count; ++done) {
    const int64_t step = steps.first + static_cast<int64_t>(done);
    const __m512d target = _mm512_set1_pd(static_cast<double>(std::max<int64_t>(step, 1)));
    __m512d top = errors[0] = _mm512_sub_pd(_mm512_mul_pd(weights[0], target), counts[0]);
    for (int v = 1; v < kVectors; ++v) {
      errors[v] = _mm512_sub_pd(_mm512_mul_pd(weights[v], target), counts[v]);
      top = _mm512_max_pd(top, errors[v]);
    }
    top = top_of(top);
    const double best = _mm512_cvtsd_f64(top);
    if (best < steps.threshold) break;
    least = std::min(least, best);
    __mmask8 equal[kVectors];
    uint64_t tied = 0;
    for (int v = 0; v < kVectors; ++v) {
      equal[v] = _mm512_cmp_pd_mask(errors[v], top, _CMP_EQ_OQ);
      tied |= static_cast<uint64_t>(equal[v]) << (8 * v);
    }
    auto winner = static_cast<size_t>(std::countr_zero(tied));
    if ((tied & (tied - 1)) != 0) [[unlikely]] {
      if (!singles) winner = earliest_turn(tied, lanes, classes, cursors);
      for (int v = 0; v < kVectors; ++v) equal[v] = static_cast<__mmask8>((uint64_t{1} << winner) >> (8 * v));
    }
    if (!win_step(lanes, classes, cursors, winner, steps, done)) continue;
    for (int v = 0; v < kVectors; ++v) counts[v] = _mm512_mask_add_pd(counts[v], equal[v], counts[v], one);
  }
  taken.steps = done;
  taken.least = least;
  return taken;
}

// Any number of lanes, in memory.
[[gnu::target("avx512f,avx512dq,avx512vl,bmi")]] Taken take_many(Lanes& lanes, const WeightClasses& classes,
                                                                 int32_t* cursors, const Steps& steps) {
  const size_t size = lanes.size;
  const double* weights = lanes.weights.data();
  const double* counts = lanes.counts.data();
  Taken taken;
  for (; taken.steps < steps.count; ++taken.steps) {
    const int64_t step = steps.first + static_cast<int64_t>(taken.steps);
    const __m512d target = _mm512_set1_pd(static_cast<double>(std::max<int64_t>(step, 1)));
    __m512d top = _mm512_set1_pd(-__builtin_inf());
    for (size_t i = 0; i < size; i += 8)
      top = _mm512_max_pd(top, _mm512_sub_pd(_mm512_mul_pd(_mm512_loadu_pd(weights + i), target),
                                             _mm512_loadu_pd(counts + i)));
    top = top_of(top);
    const double best = _mm512_cvtsd_f64(top);
    if (best < steps.threshold) break;
    size_t winner = size;
    for (size_t i = 0; i < size; i += 8) {
      const __m512d error =
          _mm512_sub_pd(_mm512_mul_pd(_mm512_loadu_pd(weights + i), target), _mm512_loadu_pd(counts + i));
      for (unsigned equal = _mm512_cmp_pd_mask(error, top, _CMP_EQ_OQ); equal != 0; equal &= equal - 1) {
        winner =
            earlier_turn(lanes, classes, cursors, winner, i + static_cast<size_t>(std::countr_zero(equal)));
      }
      if (winner < size && classes.singles) break;
    }
    taken.least = std::min(taken.least, best);
    win_step(lanes, classes, cursors, winner, steps, taken.steps);
  }
  return taken;
}

Taken take(Lanes& lanes, const WeightClasses& classes, int32_t* cursors, const Steps& steps) {
  switch ((lanes.size + 7) / 8) {
    case 0:
      return {};
    case 1:
      return take_vectors<1>(lanes, classes, cursors, steps);
    case 2:
      return take_vectors<2>(lanes, classes, cursors, steps);
    case 3:
      return take_vectors<3>(lanes, classes, cursors, steps);
    case 4:
      return take_vectors<4>(lanes, classes, cursors, steps);
    case 5:
      return take_vectors<5>(lanes, classes, cursors, steps);
    case 6:
      return take_vectors<6>(lanes, classes, cursors, steps);
    case 7:
      return take_vectors<7>(lanes, classes, cursors, steps);
    case 8:
      return take_vectors<8>(lanes, classes, cursors, steps);
    default:
      return take_many(lanes, classes, cursors, steps);
  }
}

}  // namespace

const LaneLoops kAvx512LaneLoops = {"avx512", select, take};

}  // namespace aurora::megatron
#endif
