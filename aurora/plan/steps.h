// The steps of a run: which samples each takes, in batches whose size and sequence length may change by stage
// ([[stage]] of the recipe). Pure arithmetic on the recipe.
//
// A sample is one unit of the order: train.sequence_length (T) tokens, the longest of the run. A stage with a
// shorter length, T/m, cuts each sample into m sequences, so a batch keeps its samples and its tokens, and
// the order of samples does not know of the ramp.
#pragma once

#include <cstdint>
#include <vector>

#include "aurora/config/recipe.h"

namespace aurora::plan {

// From `first_step` (0 = the first of the run) on; until the next phase begins.
struct Phase {
  int64_t first_step = 0;
  uint64_t first_sample = 0;  // skipped ones not counted
  int64_t leaves_per_strand = 1;
  int64_t cuts = 1;           // m: sequences per sample
  int64_t batch_samples = 1;  // strands * leaves_per_strand * leaf_sequences

  bool operator==(const Phase&) const = default;
};

class StepPlan {
 public:
  // UsageError: the recipe does not say how long to train; a stage begins when training has ended, or within
  // the same step as the one before it.
  explicit StepPlan(const config::Train& train, const std::vector<config::TrainStage>& stages = {});

  int64_t steps() const { return steps_; }  // train.steps, or train.tokens rounded up to whole steps
  uint64_t samples() const { return samples_before(steps_); }
  // The phase in which step `step` (0 ..) is taken.
  const Phase& at(int64_t step) const;
  // Samples that steps 0 .. step-1 take, and their tokens.
  uint64_t samples_before(int64_t step) const;
  uint64_t tokens_before(int64_t step) const { return samples_before(step) * sequence_length_; }

  // One for the start and one per [[stage]] that begins later; a stage that begins with 0 tokens is the
  // start.
  const std::vector<Phase>& phases() const { return phases_; }
  // phases()[i] is due to stages[stage_of(i)]; -1: to no stage.
  int stage_of(size_t phase) const { return stages_[phase]; }

 private:
  uint64_t sequence_length_;
  int64_t steps_ = 0;
  std::vector<Phase> phases_;
  std::vector<int> stages_;
};

}  // namespace aurora::plan
