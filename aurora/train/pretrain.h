// The pretrain stage: tokens and a recipe become checkpoints and metrics.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "aurora/base/file.h"
#include "aurora/base/log.h"
#include "aurora/base/threads.h"
#include "aurora/comm/group.h"
#include "aurora/config/recipe.h"
#include "aurora/plan/steps.h"
#include "aurora/train/training_data.h"

namespace aurora::train {

struct PretrainPaths {
  Path tokens;       // of the tokenize stage, with its manifest; not looked at with [tokens]
  Path checkpoints;  // written: step-*/ (train/checkpoint.h)
  Path metrics;      // written: train.jsonl, TensorBoard events
};

struct PretrainResult {
  int64_t steps = 0;
  uint64_t tokens = 0;  // trained on, from step 1
  int64_t parameters = 0;
  double loss = 0;  // of the last step
  std::string weights_hash;
  Path checkpoint;  // of the last step
};

// Trains from the newest whole checkpoint, or from the start, to the last step, and leaves a checkpoint of
// it; returns at once when that is there. Collective: every rank of `group` calls it with the same recipe and
// paths on one file system; rank 0 reads and writes checkpoints and metrics. Parameter count and memory are
// told before the first step. The recipe must be the one the checkpoints were begun with (the caller keeps
// them apart; apps/stages). Errors: those of tokens and checkpoints; another tokenizer than the checkpoint's;
// a loss that is no number or jumps (train/state.h).
PretrainResult pretrain(const config::Recipe& recipe, const PretrainPaths& paths, comm::Group& group,
                        Pool& pool, Log& log);
// The same on data that are open already; paths.tokens is not looked at.
PretrainResult pretrain(const config::Recipe& recipe, const plan::StepPlan& plan, const TrainingData& data,
                        const PretrainPaths& paths, comm::Group& group, Pool& pool, Log& log);

}  // namespace aurora::train
