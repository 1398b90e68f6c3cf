// One step of serving: some new tokens of each of some sequences go through the model together. A step may
// mix prompts, pieces of prompts and single tokens; what a row gets does not depend on the others, bit for
// bit: it is what the trainer's forward gives at that position of that sequence alone.
#pragma once

#include <cstdint>
#include <span>

#include "aurora/models/inference_weights.h"
#include "aurora/models/llama.h"
#include "aurora/models/paged_cache.h"

namespace aurora::models {

// The tokens at positions begin, begin + 1 ... of a sequence. Those before `begin` have been through the
// model and are in `pages`; the new ones' keys and values are stored there by the step. A position may be
// stored again later (a token tried and taken back); what stood behind it is forgotten then.
struct SequenceStep {
  std::span<const int32_t> tokens;  // at least one, each in [0, V)
  int64_t begin = 0;
  std::span<const int32_t> pages;  // of PagedCache, at least as many as hold begin + tokens.size() tokens;
                                   // those that new tokens go to have one reference
  int64_t logits_from = 0;         // rows tokens[logits_from] and later are wanted; tokens.size(): none
};

// Logits of the wanted rows, sequence after sequence: [sum of wanted rows, V] f32 in the arena of exec, which
// is reset first. An empty view when no row is wanted. The kernels of exec are those of the cache.
View step_logits(Exec& exec, const Llama& model, const InferenceWeights& weights,
                 std::span<const SequenceStep> sequences, PagedCache& cache);

// The same with the rows of the final norm instead of logits: [sum of wanted rows, C] act.
View step_hidden(Exec& exec, const Llama& model, const InferenceWeights& weights,
                 std::span<const SequenceStep> sequences, PagedCache& cache);

}  // namespace aurora::models
