// The learning rate as a pure function of the step.
#pragma once

#include <cstdint>

#include "aurora/config/recipe.h"

namespace aurora::optim {

struct Schedule {
  enum class Kind { kConstant, kCosine, kWsd };
  Kind kind = Kind::kCosine;
  double peak = 1e-3;
  double final_share = 0.1;  // of peak, reached at the last step
  int64_t warmup_steps = 0;  // linear from peak/warmup to peak
  double decay_share = 0.2;  // wsd: last share of the steps falls linearly
  int64_t steps = 1;         // of the whole run

  // step: 0 .. steps-1.
  double learning_rate(int64_t step) const;
};

// warmup_steps 0 becomes 2 % of the steps (at least 1). UsageError for an unknown schedule.
Schedule make_schedule(const config::Train& train, int64_t steps);

}  // namespace aurora::optim
