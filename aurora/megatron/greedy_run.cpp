#include "aurora/megatron/greedy_run.h"

#include <algorithm>
#include <limits>

namespace aurora::megatron {
namespace {

constexpr double kAny = std::numeric_limits<double>::lowest();  // threshold that every dataset reaches
constexpr double kLeastMargin = 1e-12;
constexpr size_t kInnerWindow = 16;  // steps for which one selection of candidates lasts
constexpr size_t kWiden = 8;         // each outer window is so many inner ones
constexpr size_t kFewLanes = 64;     // so many are asked at each step without selecting

}  // namespace

GreedyRun::GreedyRun(const WeightClasses& classes, const LaneLoops& loops)
    : classes_(classes), loops_(loops), cursors_(classes.size()) {
  levels_.push_back({Lanes(classes.size()), 0, 0, 0});
  if (classes.size() > kFewLanes) {
    // A level pays while selecting from all classes at each window costs more than its own steps do.
    std::vector<size_t> windows = {kInnerWindow};
    while (windows.back() * kWiden * 2 < classes.size()) windows.push_back(windows.back() * kWiden);
    for (auto window = windows.rbegin(); window != windows.rend(); ++window)
      levels_.push_back({Lanes(classes.size()), *window, 0, 1.0});
  }
  restart(std::vector<int64_t>(classes.size()), 0);
}

void GreedyRun::restart(std::span<const int64_t> taken, int64_t step) {
  Lanes& all = levels_[0].lanes;
  all.size = classes_.size();
  double most = kAny;
  step_ = step;
  const double target = static_cast<double>(std::max<int64_t>(step, 1));
  for (size_t g = 0; g < classes_.size(); ++g) {
    const int64_t members = classes_.begin[g + 1] - classes_.begin[g];
    all.weights[g] = classes_.weights[g];
    all.counts[g] = static_cast<double>(taken[g] / members);
    all.groups[g] = static_cast<int32_t>(g);
    cursors_[g] = static_cast<int32_t>(taken[g] % members);
    most = std::max(most, all.weights[g] * target - all.counts[g]);
  }
  all.pad();
  for (Level& level : levels_) level.least = most;
}

std::vector<int64_t> GreedyRun::taken() const {
  std::vector<int64_t> taken(classes_.size());
  for (size_t g = 0; g < taken.size(); ++g)
    taken[g] =
        static_cast<int64_t>(levels_[0].lanes.counts[g]) * (classes_.begin[g + 1] - classes_.begin[g]) +
        cursors_[g];
  return taken;
}

void GreedyRun::take(std::span<int16_t> datasets, std::span<int64_t> samples) {
  take_level(0, {step_, datasets.size(), kAny, datasets.data(), samples.data()});
  step_ += static_cast<int64_t>(datasets.size());
}

void GreedyRun::skip(int64_t steps) {
  int16_t datasets[1024];
  int64_t samples[1024];
  while (steps > 0) {
    const auto count = static_cast<size_t>(std::min<int64_t>(steps, 1024));
    take(std::span(datasets, count), std::span(samples, count));
    steps -= static_cast<int64_t>(count);
  }
}

Taken GreedyRun::take_level(size_t depth, const Steps& steps) {
  Lanes& lanes = levels_[depth].lanes;
  if (depth + 1 == levels_.size()) return loops_.take(lanes, classes_, cursors_.data(), steps);
  Level& inner = levels_[depth + 1];
  Taken all;
  while (all.steps < steps.count) {
    Steps part = {steps.first + static_cast<int64_t>(all.steps),
                  std::min(inner.window, steps.count - all.steps), inner.least - inner.margin,
                  steps.datasets + all.steps, steps.samples + all.steps};
    // A margin beyond 4 is of no use: take all that the outer level has.
    if (inner.margin > 4 || part.threshold < steps.threshold) part.threshold = steps.threshold;
    select(levels_[depth], inner, part);
    const Taken taken = take_level(depth + 1, part);
    for (size_t i = 0; i < inner.lanes.size; ++i)
      lanes.counts[static_cast<size_t>(inner.lanes.from[i])] = inner.lanes.counts[i];
    all.steps += taken.steps;
    all.least = std::min(all.least, taken.least);
    if (taken.steps == part.count) {
      inner.least = taken.least;
      inner.margin = std::max(inner.margin * 0.98, kLeastMargin);
    } else {
      if (part.threshold == steps.threshold) break;
      inner.least = std::min(inner.least, taken.least);
      inner.margin *= 1.5;
    }
  }
  return all;
}

void GreedyRun::select(Level& from, Level& to, const Steps& steps) {
  loops_.select(from.lanes, steps.first + static_cast<int64_t>(steps.count) - 1, steps.threshold, to.lanes);
  for (size_t i = 0; i < to.lanes.size; ++i)
    to.lanes.groups[i] = from.lanes.groups[static_cast<size_t>(to.lanes.from[i])];
  to.lanes.pad();
}

}  // namespace aurora::megatron
