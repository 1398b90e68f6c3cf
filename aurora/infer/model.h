// A model that is ready to answer: architecture, weights in the compute dtype, tokenizer. Immutable; any
// number of threads may use it at once, each with an Exec (arena) of its own.
#pragma once

#include "aurora/models/llama.h"
#include "aurora/tokenizer/tokenizer.h"

namespace aurora::infer {

struct Model {
  models::Llama llama;
  nn::ParameterArena weights;  // act
  tokenizer::Tokenizer tokenizer;
  int64_t max_length = 0;  // longest sequence the model was trained on, tokens

  device::DType act() const { return weights.flat().dtype; }
};

// Casts an f32 master arena to `act`. Error when the tokenizer has more tokens than the model's vocabulary.
Model make_model(models::Llama llama, const device::View& master, device::DType act,
                 tokenizer::Tokenizer tokenizer, int64_t max_length, Pool& pool);

}  // namespace aurora::infer
