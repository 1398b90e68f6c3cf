// A Llama-style decoder (Touvron et al. 2023): RMSNorm, RoPE, grouped-query attention, SwiGLU; with the
// options of its relatives (plan::ModelShape): biases of Qwen2, head norms of Qwen3, the window of Mistral.
//
// The object holds shapes and names, no weights: those are arenas that the caller owns, passed to each call.
// All functions are const and thread-safe; calls at the same time need an Exec (arena) each. One forward pass
// serves training, evaluation and serving (step.h), so their logits agree bit for bit.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "aurora/models/paged_cache.h"
#include "aurora/nn/layers.h"
#include "aurora/nn/leaf.h"
#include "aurora/nn/parameters.h"
#include "aurora/plan/shape.h"

namespace aurora::models {

using device::View;
using tensor::Exec;

// A tensor under its Hugging Face name ("model.layers.0.self_attn.q_proj.weight"): a span of a host master
// arena, to be written out, or filled.
struct NamedWeight {
  std::string name;
  std::vector<int64_t> shape;
  std::span<float> data;  // row-major
};

class Llama {
 public:
  explicit Llama(const plan::ModelShape& shape);

  const plan::ModelShape& shape() const { return shape_; }
  const nn::ParameterLayout& layout() const { return layout_; }

  // Fills an f32 master arena: normal(0, 0.02), the two projections that end in the residual stream divided
  // by sqrt(2L) (Radford et al. 2019), norms 1. A function of seed and names alone.
  void initialise(uint64_t seed, const View& master, Pool& pool) const;

  // All weights in Hugging Face's order of a Llama checkpoint; a tied output layer is left out.
  std::vector<NamedWeight> named_weights(const View& master) const;

  // weights: flat arena in the compute dtype. Returns sum of loss_weights*nll over the leaf, summed in f64 in
  // row order, and adds its gradient to `gradient` (flat f32). nll: [B*T] of the caller, written when not
  // null. Resets the arena of exec.
  double loss_and_gradient(Exec& exec, const View& weights, const nn::Leaf& leaf, const View& gradient,
                           float* nll = nullptr) const;
  // The same without gradient, for evaluation.
  double loss(Exec& exec, const View& weights, const nn::Leaf& leaf, float* nll = nullptr) const;
  // ... with the weights of a model that answers, whose output layer is plain, too (checked).
  double loss(Exec& exec, nn::Weights weights, const nn::Leaf& leaf, float* nll = nullptr) const;

  // From tokens to the final norm: [R, C], or [wanted rows, C], on the caller's tape. rows.segment_begin
  // holds first keys. pages: null, or where the keys and values of rows.sequences go and stay.
  nn::Variable hidden(nn::Tape& tape, nn::Weights weights, const nn::Rows& rows,
                      const PagedCache* pages = nullptr) const;

  // The first position that a row attends to when its document begins at segment_begin.
  int32_t first_key(int64_t position, int32_t segment_begin) const;

  // Indices into layout(); equal when the output layer is tied.
  int embedding() const { return embedding_; }
  int output() const { return output_; }

 private:
  struct Layer {
    int attention_norm, qkv, qkv_bias, q_norm, k_norm, attention_out, mlp_norm, gate_up, down;
  };
  double run_leaf(Exec& exec, nn::Weights weights, const nn::Leaf& leaf, float* nll) const;

  plan::ModelShape shape_;
  nn::ParameterLayout layout_;
  std::vector<double> rope_frequencies_;
  std::vector<Layer> layers_;
  int embedding_ = -1;
  int final_norm_ = -1;
  int output_ = -1;  // == embedding_ when tied
};

// Hugging Face's name of a part of Llama::layout(): of "layers.0.attention.q",
// "model.layers.0.self_attn.q_proj.weight".
std::string hugging_face_name(const std::string& part);

}  // namespace aurora::models
