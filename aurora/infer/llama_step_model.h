// The model that the engine steps in earnest: a Llama over a paged cache.
#pragma once

#include <memory>

#include "aurora/infer/step_model.h"
#include "aurora/models/step.h"

namespace aurora::infer {

// llama must outlive the result; weights keep alive what they keep alive. Error when there is no memory.
std::unique_ptr<StepModel> make_step_model(const models::Llama& llama, models::InferenceWeights weights,
                                           const models::PagedCacheSettings& settings, Pool& pool);

}  // namespace aurora::infer
