#include "aurora/megatron/blend_lanes.h"

#if defined(__x86_64__)
#include <immintrin.h>

#include <algorithm>
#include <bit>

namespace aurora::megatron {
namespace {

[[gnu::target("avx2"), gnu::always_inline]] inline __m256d errors_at(const Lanes& lanes, size_t i,
                                                                     __m256d target) {
  return _mm256_sub_pd(_mm256_mul_pd(_mm256_loadu_pd(lanes.weights.data() + i), target),
                       _mm256_loadu_pd(lanes.counts.data() + i));
}

[[gnu::target("avx2")]] void select(const Lanes& lanes, int64_t step, double threshold, Lanes& out) {
  const __m256d target = _mm256_set1_pd(static_cast<double>(std::max<int64_t>(step, 1)));
  const __m256d least = _mm256_set1_pd(threshold);
  size_t size = 0;
  for (size_t i = 0; i < lanes.size; i += 4) {
    const __m256d reach = _mm256_cmp_pd(errors_at(lanes, i, target), least, _CMP_GE_OQ);
    for (auto bits = static_cast<unsigned>(_mm256_movemask_pd(reach)); bits != 0; bits &= bits - 1) {
      const size_t lane = i + static_cast<size_t>(std::countr_zero(bits));
      out.weights[size] = lanes.weights[lane];
      out.counts[size] = lanes.counts[lane];
      out.from[size] = static_cast<int32_t>(lane);
      ++size;
    }
  }
  out.size = size;
}

// Every lane holds the largest of all.
[[gnu::target("avx2"), gnu::always_inline]] inline __m256d top_of(__m256d v) {
  v = _mm256_max_pd(v, _mm256_permute2f128_pd(v, v, 1));
  return _mm256_max_pd(v, _mm256_permute_pd(v, 0b0101));
}

[[gnu::target("avx2")]] Taken take(Lanes& lanes, const WeightClasses& classes, int32_t* cursors,
                                   const Steps& steps) {
  const size_t size = lanes.size;
  Taken taken;
  for (; taken.steps < steps.count; ++taken.steps) {
    const int64_t step = steps.first + static_cast<int64_t>(taken.steps);
    const __m256d target = _mm256_set1_pd(static_cast<double>(std::max<int64_t>(step, 1)));
    __m256d top = _mm256_set1_pd(-__builtin_inf());
    for (size_t i = 0; i < size; i += 4) top = _mm256_max_pd(top, errors_at(lanes, i, target));
    top = top_of(top);
    const double best = _mm256_cvtsd_f64(top);
    if (best < steps.threshold) break;
    size_t winner = size;
    for (size_t i = 0; i < size; i += 4) {
      const __m256d equal = _mm256_cmp_pd(errors_at(lanes, i, target), top, _CMP_EQ_OQ);
      for (auto bits = static_cast<unsigned>(_mm256_movemask_pd(equal)); bits != 0; bits &= bits - 1)
        winner =
            earlier_turn(lanes, classes, cursors, winner, i + static_cast<size_t>(std::countr_zero(bits)));
      if (winner < size && classes.singles) break;
    }
    taken.least = std::min(taken.least, best);
    win_step(lanes, classes, cursors, winner, steps, taken.steps);
  }
  return taken;
}

}  // namespace

const LaneLoops kAvx2LaneLoops = {"avx2", select, take};

}  // namespace aurora::megatron
#endif
