#include "aurora/optim/schedule.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numbers>

#include "aurora/base/check.h"
#include "aurora/base/error.h"

namespace aurora::optim {
namespace {

// 1 at progress 0, final_share at progress 1.
double between(double final_share, double shape) {
  return final_share + (1 - final_share) * shape;
}

}  // namespace

double Schedule::learning_rate(int64_t step) const {
  AURORA_CHECK(step >= 0 && step < steps, "step {} of {}", step, steps);
  if (step < warmup_steps) return peak * static_cast<double>(step + 1) / static_cast<double>(warmup_steps);
  // The last step has progress 1.
  auto progress_from = [&](int64_t begin) {
    int64_t length = std::max<int64_t>(steps - 1 - begin, 1);
    return std::min(1.0, static_cast<double>(step - begin) / static_cast<double>(length));
  };
  switch (kind) {
    case Kind::kConstant:
      return peak;
    case Kind::kCosine: {
      double shape = 0.5 * (1 + std::cos(std::numbers::pi * progress_from(warmup_steps)));
      return peak * between(final_share, shape);
    }
    case Kind::kWsd: {
      auto cooling = static_cast<int64_t>(std::ceil(decay_share * static_cast<double>(steps)));
      int64_t begin = std::max(warmup_steps, steps - 1 - cooling);
      if (step <= begin) return peak;
      return peak * between(final_share, 1 - progress_from(begin));
    }
  }
  return peak;
}

Schedule make_schedule(const config::Train& train, int64_t steps) {
  Schedule schedule;
  if (train.schedule == "cosine") {
    schedule.kind = Schedule::Kind::kCosine;
  } else if (train.schedule == "wsd") {
    schedule.kind = Schedule::Kind::kWsd;
  } else if (train.schedule == "constant") {
    schedule.kind = Schedule::Kind::kConstant;
  } else {
    throw UsageError(fmt::format("no schedule is called '{}'", train.schedule), "[train] schedule",
                     "use cosine, wsd or constant");
  }
  schedule.peak = train.learning_rate;
  schedule.final_share = train.final_learning_rate_share;
  schedule.decay_share = train.decay_share;
  schedule.steps = steps;
  schedule.warmup_steps = train.warmup_steps != 0 ? train.warmup_steps : std::max<int64_t>(1, steps / 50);
  return schedule;
}

}  // namespace aurora::optim
