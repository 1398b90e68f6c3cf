// A model that is ready to answer: architecture, weights, tokenizer, and what its files say about answers.
// Immutable; any number of threads may use it at once, each with an Exec (arena) of its own.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "aurora/models/inference_weights.h"
#include "aurora/models/llama.h"
#include "aurora/tokenizer/tokenizer.h"

namespace aurora::infer {

struct Model {
  models::Llama llama;
  models::InferenceWeights weights;
  // With the chat template, if the model has one (spec().chat_template).
  tokenizer::Tokenizer tokenizer;
  int64_t max_length = 0;             // longest sequence the model was trained on, tokens
  std::vector<int32_t> end_tokens{};  // any of these ends an answer; each once, the main one first
  std::string name{};                 // of its files, for people
  std::string hash{};                 // of its weights as stored, 32 hex digits

  device::DType act() const { return weights.act(); }
};

// Casts an f32 master arena to `act`; the tokenizer's end of document ends answers. Error when the tokenizer
// has more tokens than the model's vocabulary.
Model make_model(models::Llama llama, const device::View& master, device::DType act,
                 tokenizer::Tokenizer tokenizer, int64_t max_length, Pool& pool);

// Error when the tokenizer has more tokens than the model's vocabulary.
void check_vocabulary(const tokenizer::Tokenizer& tokenizer, const plan::ModelShape& shape);

}  // namespace aurora::infer
