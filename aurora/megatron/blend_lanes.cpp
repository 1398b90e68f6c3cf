#include "aurora/megatron/blend_lanes.h"

#include <algorithm>
#include <limits>
#include <numeric>

namespace aurora::megatron {
namespace {

void select_portable(const Lanes& lanes, int64_t step, double threshold, Lanes& out) {
  const double target = static_cast<double>(std::max<int64_t>(step, 1));
  size_t size = 0;
  for (size_t i = 0; i < lanes.size; ++i) {
    if (!(lanes.weights[i] * target - lanes.counts[i] >= threshold)) continue;
    out.weights[size] = lanes.weights[i];
    out.counts[size] = lanes.counts[i];
    out.from[size] = static_cast<int32_t>(i);
    ++size;
  }
  out.size = size;
}

Taken take_portable(Lanes& lanes, const WeightClasses& classes, int32_t* cursors, const Steps& steps) {
  Taken taken;
  for (; taken.steps < steps.count; ++taken.steps) {
    const int64_t step = steps.first + static_cast<int64_t>(taken.steps);
    const double target = static_cast<double>(std::max<int64_t>(step, 1));
    double best = -std::numeric_limits<double>::infinity();
    size_t winner = lanes.size;
    for (size_t i = 0; i < lanes.size; ++i) {
      const double error = lanes.weights[i] * target - lanes.counts[i];
      if (error < best || (error == best && earlier_turn(lanes, classes, cursors, winner, i) != i)) continue;
      best = error;
      winner = i;
    }
    if (best < steps.threshold) break;
    taken.least = std::min(taken.least, best);
    win_step(lanes, classes, cursors, winner, steps, taken.steps);
  }
  return taken;
}

const LaneLoops kPortableLaneLoops = {"portable", select_portable, take_portable};

std::vector<LaneLoops> find_lane_loops() {
  std::vector<LaneLoops> found;
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
      __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("bmi"))
    found.push_back(kAvx512LaneLoops);
  if (__builtin_cpu_supports("avx2")) found.push_back(kAvx2LaneLoops);
#endif
  found.push_back(kPortableLaneLoops);
  return found;
}

}  // namespace

Lanes::Lanes(size_t capacity)
    : weights(capacity + 2 * kPadding),
      counts(capacity + 2 * kPadding),
      from(capacity + 2 * kPadding),
      groups(capacity + 2 * kPadding) {}

void Lanes::pad() {
  std::fill_n(weights.begin() + static_cast<ptrdiff_t>(size), kPadding, 0.0);
  std::fill_n(counts.begin() + static_cast<ptrdiff_t>(size), kPadding,
              std::numeric_limits<double>::infinity());
}

WeightClasses weight_classes(std::span<const double> weights) {
  std::vector<int32_t> order(weights.size());
  std::iota(order.begin(), order.end(), 0);
  std::ranges::stable_sort(order, {}, [&](int32_t i) { return weights[static_cast<size_t>(i)]; });
  // The lowest member of each dataset's class; order is stable, so it comes first among its equals.
  std::vector<int32_t> lowest(weights.size());
  for (size_t i = 0; i < order.size(); ++i) {
    const auto at = static_cast<size_t>(order[i]);
    const bool equal = i > 0 && weights[static_cast<size_t>(order[i - 1])] == weights[at];
    lowest[at] = equal ? lowest[static_cast<size_t>(order[i - 1])] : order[i];
  }
  WeightClasses classes;
  classes.class_of.resize(weights.size());
  for (size_t i = 0; i < weights.size(); ++i) {
    if (lowest[i] == static_cast<int32_t>(i)) {
      classes.class_of[i] = static_cast<int32_t>(classes.weights.size());
      classes.weights.push_back(weights[i]);
    } else {
      classes.class_of[i] = classes.class_of[static_cast<size_t>(lowest[i])];
    }
  }
  classes.begin.resize(classes.size() + 1);
  for (const int32_t group : classes.class_of) ++classes.begin[static_cast<size_t>(group) + 1];
  std::partial_sum(classes.begin.begin(), classes.begin.end(), classes.begin.begin());
  classes.members.resize(weights.size());
  std::vector<int32_t> next(classes.begin.begin(), classes.begin.end() - 1);
  for (size_t i = 0; i < weights.size(); ++i)
    classes.members[static_cast<size_t>(next[static_cast<size_t>(classes.class_of[i])]++)] =
        static_cast<int32_t>(i);
  classes.singles = classes.size() == weights.size();
  return classes;
}

std::span<const LaneLoops> lane_loops() {
  static const std::vector<LaneLoops> loops = find_lane_loops();
  return loops;
}

}  // namespace aurora::megatron
