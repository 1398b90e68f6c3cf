// From tensors on disk to the weights of a model that answers.
#pragma once

#include "aurora/models/inference_weights.h"
#include "aurora/models/llama.h"
#include "aurora/models/tensor_source.h"

namespace aurora::models {

// Of the matrices. Norms, biases and the table that tokens are looked up in are always elements of act.
enum class WeightForm {
  kAsStored,  // Q8_0 as kInt8 and Q4_0 as kInt4, value for value; all others as kDense
  kDense,     // elements of act
  kInt8,      // groups of 32 with one scale: ggml's Q8_0
  kInt4,      // ... Q4_0
  kPlain,     // elements of act, not packed: for Llama::loss; products pack them anew each time
};

struct WeightSettings {
  device::DType act = device::DType::kBF16;
  WeightForm form = WeightForm::kAsStored;
};

// Reads every tensor once, with all threads of the pool, and packs it; a table that is stored in act is not
// copied but looked up in the mapped file. A fused matrix whose parts are stored in several types is dense.
// Error (file and tensor): one is missing, has another shape or type, or is there although the model has no
// use for it.
InferenceWeights load_weights(const Llama& llama, const TensorSource& source, const WeightSettings& settings,
                              Pool& pool);

}  // namespace aurora::models
