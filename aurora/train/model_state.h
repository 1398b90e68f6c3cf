// The arrays of a training run: f32 masters and moments, and the weights that compute. One flat arena each,
// all of one layout (nn/parameters.h). Every rank holds them whole.
#pragma once

#include "aurora/models/llama.h"
#include "aurora/optim/adamw.h"

namespace aurora::train {

class ModelState {
 public:
  // Zeros. act: bf16 or f32. model must outlive this.
  ModelState(const models::Llama& model, device::DType act);

  const models::Llama& model() const { return model_; }
  const device::View& master() const { return master_.flat(); }
  optim::Moments moments() const { return {m_.flat(), v_.flat()}; }
  // What forward and backward read: the bf16 copy, or with f32 the masters themselves.
  const device::View& weights() const { return compute_.empty() ? master_.flat() : compute_.flat(); }
  // What AdamW writes beside the masters: the bf16 copy, or nothing.
  const device::View& compute_copy() const { return compute_.flat(); }
  // Makes the copy from the masters, after they were initialised or loaded.
  void refresh(const tensor::Exec& exec);

 private:
  const models::Llama& model_;
  nn::ParameterArena master_, m_, v_, compute_;
};

device::DType compute_dtype(const config::Train& train);

// Backend, instruction sets, product kernels and compiler: equal bits are promised where this is equal.
std::string numerics_fingerprint(device::Kind kind);

}  // namespace aurora::train
