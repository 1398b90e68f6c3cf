// For tests only: a model small enough to train in milliseconds.
#pragma once

#include "aurora/config/recipe.h"
#include "aurora/models/llama.h"
#include "aurora/train/batch.h"
#include "aurora/train/model_state.h"

namespace aurora::train {

inline plan::ModelShape tiny_shape() {
  plan::ModelShape shape;
  shape.layers = 2;
  shape.width = 32;
  shape.heads = 2;
  shape.kv_heads = 1;
  shape.head_size = 16;
  shape.hidden = 64;
  shape.vocab = 64;
  return shape;
}

inline config::Train tiny_train() {
  config::Train train;
  train.steps = 4;
  train.sequence_length = 24;
  train.leaf_sequences = 2;
  train.strands = 5;
  train.leaves_per_strand = 2;
  train.learning_rate = 1e-2;
  train.warmup_steps = 1;
  return train;
}

}  // namespace aurora::train
