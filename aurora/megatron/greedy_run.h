// The greedy blend from any state on, exactly, on one thread (docs/formats/megatron_blend.md).
//
// A dataset that is not taken has an error that only grows. So a dataset whose error would not reach a
// threshold by the end of a window of steps, though it were never taken, cannot win in the window as long as
// every winner's error reaches the threshold. Windows in windows leave a few dozen candidates out of
// thousands; these alone are asked at each step, by the very arithmetic of the rule. When no candidate
// reaches the threshold it is lowered and the candidates are selected anew.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "aurora/megatron/blend_lanes.h"

namespace aurora::megatron {

class GreedyRun {
 public:
  // classes and loops must outlive it. Starts at step 0 with nothing taken.
  GreedyRun(const WeightClasses& classes, const LaneLoops& loops);

  // Goes to a state: how often each class was taken before `step`.
  void restart(std::span<const int64_t> taken, int64_t step);
  // Takes datasets.size() steps. Results as greedy_blend(); samples has the same size.
  void take(std::span<int16_t> datasets, std::span<int64_t> samples);
  // Takes steps without keeping the results.
  void skip(int64_t steps);

  int64_t step() const { return step_; }
  std::vector<int64_t> taken() const;  // per class

 private:
  struct Level {
    Lanes lanes;       // candidates of the window
    size_t window;     // steps
    double least = 0;  // smallest error of a winner in the last window
    double margin;     // threshold = least - margin
  };
  // Takes steps with the candidates of level `depth`, at most steps.count, fewer if the threshold is missed.
  Taken take_level(size_t depth, const Steps& steps);
  void select(Level& from, Level& to, const Steps& steps);

  const WeightClasses& classes_;
  const LaneLoops& loops_;
  std::vector<Level> levels_;  // [0]: all classes
  std::vector<int32_t> cursors_;
  int64_t step_ = 0;
};

}  // namespace aurora::megatron
