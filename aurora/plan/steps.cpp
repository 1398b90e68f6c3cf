#include "aurora/plan/steps.h"

#include <fmt/format.h>

#include <algorithm>

#include "aurora/base/error.h"

namespace aurora::plan {
namespace {

Phase first_phase(const config::Train& train) {
  Phase phase;
  phase.leaves_per_strand = train.leaves_per_strand;
  return phase;
}

// What a stage changes. Bounds of the keys keep the product below 2^62.
Phase apply(Phase phase, const config::TrainStage& stage, const config::Train& train) {
  if (stage.leaves_per_strand > 0) phase.leaves_per_strand = stage.leaves_per_strand;
  if (stage.sequence_length > 0) phase.cuts = train.sequence_length / stage.sequence_length;
  return phase;
}

uint64_t steps_for(uint64_t tokens, uint64_t batch_tokens) {
  return (tokens + batch_tokens - 1) / batch_tokens;
}

}  // namespace

StepPlan::StepPlan(const config::Train& train, const std::vector<config::TrainStage>& stages)
    : sequence_length_(static_cast<uint64_t>(train.sequence_length)) {
  if (train.steps == 0 && train.tokens == 0)
    throw UsageError("the recipe does not say how long to train", "[train]",
                     "set train.steps or train.tokens");
  const auto batch_tokens = [&](const Phase& phase) {
    return static_cast<uint64_t>(phase.batch_samples) * sequence_length_;
  };
  const auto push = [&](Phase phase, int stage) {
    phase.batch_samples = int64_t{train.strands} * phase.leaves_per_strand * train.leaf_sequences;
    phases_.push_back(phase);
    stages_.push_back(stage);
  };

  push(first_phase(train), -1);
  for (size_t s = 0; s < stages.size(); ++s) {
    const config::TrainStage& stage = stages[s];
    Phase next = apply(phases_.back(), stage, train);
    const uint64_t before = phases_.back().first_sample * sequence_length_;
    const auto from = static_cast<uint64_t>(stage.from_tokens);
    const uint64_t steps = from <= before ? 0 : steps_for(from - before, batch_tokens(phases_.back()));
    if (steps == 0 && stage.from_tokens > 0)
      throw UsageError(
          fmt::format("the stage {} begins within the same step as the one before it", stage.name),
          "[[stage]]", "begin it at least one global batch later");
    next.first_step = phases_.back().first_step + static_cast<int64_t>(steps);
    next.first_sample =
        phases_.back().first_sample + steps * static_cast<uint64_t>(phases_.back().batch_samples);
    if (steps == 0) {  // it is the start
      phases_.clear();
      stages_.clear();
    }
    push(next, static_cast<int>(s));
  }

  const Phase& last = phases_.back();
  const uint64_t before = last.first_sample * sequence_length_;
  steps_ = train.steps;
  if (train.tokens > 0)
    steps_ =
        last.first_step +
        static_cast<int64_t>(static_cast<uint64_t>(train.tokens) > before
                                 ? steps_for(static_cast<uint64_t>(train.tokens) - before, batch_tokens(last))
                                 : 0);
  if (last.first_step >= steps_)
    throw UsageError(fmt::format("the stage {} begins when training has ended",
                                 stages[static_cast<size_t>(stages_.back())].name),
                     "[[stage]]", "begin it earlier, train longer, or take it out");
}

const Phase& StepPlan::at(int64_t step) const {
  const auto after = std::upper_bound(phases_.begin(), phases_.end(), step,
                                      [](int64_t s, const Phase& phase) { return s < phase.first_step; });
  return *std::prev(after);
}

uint64_t StepPlan::samples_before(int64_t step) const {
  // A phase's end belongs to it, so that the last one's batch size holds beyond the run.
  const Phase& phase = at(step);
  return phase.first_sample +
         static_cast<uint64_t>(step - phase.first_step) * static_cast<uint64_t>(phase.batch_samples);
}

}  // namespace aurora::plan
