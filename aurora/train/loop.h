// The training loop. Set-up is in pretrain.cpp, the arithmetic of a step's gradient in gradient.cpp.
#pragma once

#include <functional>

#include "aurora/base/log.h"
#include "aurora/base/threads.h"
#include "aurora/comm/group.h"
#include "aurora/config/recipe.h"
#include "aurora/train/batch.h"
#include "aurora/train/metrics.h"
#include "aurora/train/model_state.h"
#include "aurora/train/state.h"

namespace aurora::train {

// What others do between steps, without the loop knowing them. Called on every rank; may be empty.
struct Hooks {
  std::function<void(const TrainState&, const StepMetrics&)> after_step;
  std::function<void(const TrainState&)> save;  // at every checkpoint_steps-th step and the last; may be slow
};

struct Loop {
  const config::Train& train;
  const plan::StepPlan& plan;  // of the whole run
  ModelState& model;
  LeafSource& leaves;
  comm::Group& group;
  Pool& pool;               // all threads of this rank
  double roof_flops_per_s;  // of this rank, for the status line; 0 = unknown
  Hooks hooks;
  Log& log;
};

// Runs from state.step to the plan's end, and keeps `state` up to date. The weights after each step depend on
// the recipe, the leaves and the starting weights only: not on threads, ranks, strands in flight or the order
// in which strands are computed. Collective.
void run_loop(const Loop& loop, TrainState& state);

}  // namespace aurora::train
