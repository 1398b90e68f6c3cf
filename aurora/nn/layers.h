// The two blocks of a decoder layer. Both are pre-norm residual: x + f(norm(x)).
#pragma once

#include "aurora/autograd/ops.h"
#include "aurora/nn/parameters.h"

namespace aurora::nn {

using autograd::Tape;
using autograd::Variable;

// Rows of a leaf, or of the tokens that an inference step adds: views on the device.
struct Rows {
  View tokens;         // [R] i32, R = B*T
  View positions;      // [R] i32
  View segment_begin;  // [B, T] i32, first key that a row sees; [1, R] in a step of serving
  std::span<const kernels::PagedSequence> sequences{};  // of a step of serving
  // Rows whose result is wanted, in ascending order; null: all. Only on a tape that does not record.
  const std::vector<tensor::Range>* wanted = nullptr;
};

struct AttentionBlock {
  Weight norm;                // [C]
  Weight qkv;                 // [(H+2G)*D, C]
  Weight qkv_bias{};          // [(H+2G)*D], or nothing
  Weight q_norm{}, k_norm{};  // [D] each, or nothing
  Weight out;                 // [C, H*D]
  autograd::AttentionShape shape;
  int64_t head_size = 0;                     // D
  std::span<const double> rope_frequencies;  // [D/2]; must outlive the tape
  double norm_epsilon = 1e-5;
};
// x [R, C] -> [R, C]. pages: null, or where the keys and values of rows.sequences go and stay.
Variable attention_block(Tape& tape, Variable x, const AttentionBlock& block, const Rows& rows,
                         const kernels::PageStore* pages = nullptr);

struct MlpBlock {
  Weight norm;     // [C]
  Weight gate_up;  // [2F, C]
  Weight down;     // [C, F]
  double norm_epsilon = 1e-5;
};
Variable mlp_block(Tape& tape, Variable x, const MlpBlock& block);

}  // namespace aurora::nn
