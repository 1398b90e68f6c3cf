// Everything a training loop carries from one step to the next, beside the weights and moments themselves. It
// is saved whole in every checkpoint (state.json), so a resumed run is the uninterrupted one. Nothing in it
// depends on time, threads or ranks.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "aurora/config/recipe.h"
#include "aurora/plan/steps.h"

namespace aurora::train {

struct TrainState {
  int64_t step = 0;                   // steps done; AdamW's step number too
  uint64_t samples = 0;               // samples consumed: the data cursor
  uint64_t tokens = 0;                // input tokens consumed
  double loss = 0;                    // of the last step: nats per token, weighted mean
  std::vector<double> recent_losses;  // of the last steps, oldest first, at most kLossWindow

  static constexpr size_t kLossWindow = 128;
  void remember(double step_loss);
  bool operator==(const TrainState&) const = default;
};

// state.json of a checkpoint: the loop's state, and what the weights beside it are.
struct CheckpointState {
  TrainState loop;
  std::string weights_hash;  // nn::weights_hash of the masters, 32 hex digits
  std::string tokenizer;     // fingerprint of the tokenizer that made the tokens
  std::string numerics;      // backend, instruction set, compiler: bits are promised for equal ones
  std::string past;          // past_of_run() when it was written
  bool operator==(const CheckpointState&) const = default;
};

// Hash of all that the run did before this state depends on: the settings without stages and skipped samples
// that come later, and the length of the run. Where a recipe was changed, a checkpoint serves the new one
// when the pasts agree.
std::string past_of_run(const config::Recipe& recipe, const plan::StepPlan& plan, const TrainState& state);

std::string to_json(const CheckpointState& state);
// Error naming `where`: not a state of ours.
CheckpointState parse_state(const std::string& json, const std::string& where);

// Stops a run that has gone wrong, before the optimizer has touched anything: loss or gradient norm that is
// no number, or, with train.spike_sigma, a loss above mean + sigma * deviation of the last steps (at least 16
// of them). Error with step, loss and what to do.
void check_step(const TrainState& state, double loss, double gradient_norm, const config::Train& train);

}  // namespace aurora::train
