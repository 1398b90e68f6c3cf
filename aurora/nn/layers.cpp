#include "aurora/nn/layers.h"

namespace aurora::nn {
Variable attention_block(Tape& tape, Variable x, const AttentionBlock& block, const Rows& rows,
                         const kernels::PageStore* pages) {
  Variable normed = autograd::rmsnorm(tape, x, block.norm, block.norm_epsilon);
  Variable qkv = autograd::linear(tape, normed, block.qkv);
  if (!block.qkv_bias.value.empty()) qkv = autograd::add_bias(tape, qkv, block.qkv_bias);
  if (!block.q_norm.value.empty()) {
    const int64_t heads = block.shape.heads, kv_heads = block.shape.kv_heads;
    qkv = autograd::head_norm(tape, qkv, block.q_norm, {0, heads, block.norm_epsilon});
    qkv = autograd::head_norm(tape, qkv, block.k_norm, {heads, kv_heads, block.norm_epsilon});
  }
  qkv = autograd::rope(tape, qkv,
                       {.positions = rows.positions,
                        .frequencies = block.rope_frequencies,
                        .rotated_heads = block.shape.heads + block.shape.kv_heads,
                        .head_size = block.head_size});
  Variable heads = pages != nullptr ? autograd::paged_attention(tape, qkv, rows.segment_begin,
                                                                {block.shape.heads, rows.sequences, *pages})
                                    : autograd::attention(tape, qkv, rows.segment_begin, block.shape);
  return autograd::add(tape, x, autograd::linear(tape, heads, block.out));
}

Variable mlp_block(Tape& tape, Variable x, const MlpBlock& block) {
  Variable normed = autograd::rmsnorm(tape, x, block.norm, block.norm_epsilon);
  Variable inner = autograd::swiglu(tape, autograd::linear(tape, normed, block.gate_up));
  return autograd::add(tape, x, autograd::linear(tape, inner, block.down));
}

}  // namespace aurora::nn
