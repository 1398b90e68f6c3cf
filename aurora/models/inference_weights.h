// The weights of a model that answers: matrices packed once for the microkernels (exact, int8 or int4),
// norms, biases and the embedding table as plain views. Owns, or keeps alive, what the views look into.
// Immutable once filled; any number of threads may read it.
//
// Indices are those of Llama::layout(). A fused matrix (q, k and v; gate and up) is one parameter. The
// embedding table is always plain, for it is looked up; when the output layer is tied to it, that one
// parameter has both forms.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "aurora/autograd/op.h"
#include "aurora/kernels/packed.h"
#include "aurora/nn/parameters.h"

namespace aurora::models {

class InferenceWeights {
 public:
  // Nothing in it yet. The layout is copied from, not kept.
  InferenceWeights(const nn::ParameterLayout& layout, device::DType act);

  // All parameters as plain views into a flat arena [layout.elements()] act, which `owner` keeps alive
  // (null: the caller does). No copy; matrices are packed anew by each product.
  static InferenceWeights of_arena(const nn::ParameterLayout& layout, const device::View& flat,
                                   std::shared_ptr<const void> owner = nullptr);

  // The same with every matrix packed, exactly. `looked_up`: index of the embedding table, which stays plain
  // too; `output` may be the same.
  static InferenceWeights packed(const nn::ParameterLayout& layout, const device::View& flat, int looked_up,
                                 int output, Pool& pool, std::shared_ptr<const void> owner = nullptr);

  // value: act, of the parameter's shape, contiguous.
  void set_plain(int index, const device::View& value, std::shared_ptr<const void> owner = nullptr);
  // Of the parameter's shape, for act; of any format.
  void set_packed(int index, std::shared_ptr<const kernels::PackedWeight> weight);

  // Name of the first parameter that has neither form; empty: complete.
  std::string missing() const;

  device::DType act() const { return act_; }
  std::span<const autograd::Weight> weights() const { return weights_; }

 private:
  device::DType act_;
  std::vector<nn::Parameter> parameters_;
  std::vector<autograd::Weight> weights_;
  std::vector<std::shared_ptr<const void>> owners_;
};

}  // namespace aurora::models
