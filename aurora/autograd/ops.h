// The operations of a decoder. Each records itself on the tape. R rows, C, K, N widths, F hidden; act = the
// dtype of the inputs and weights, the same for all of a tape.
#pragma once

#include "aurora/autograd/tape.h"

namespace aurora::autograd {

// [R, C] rows of the table [V, C]; tokens [R] i32.
Variable embedding(Tape& tape, const View& tokens, const Weight& table);

// out [R, N] = x [R, K] * weight [N, K]^T.
// The product alone, out act or f32; from the packed form of the weight where it has one.
void multiply(Exec& exec, const View& x, const Weight& weight, const View& out);
Variable linear(Tape& tape, Variable x, const Weight& weight);

// RMSNorm over the last axis; x [R, C], weight [C].
Variable rmsnorm(Tape& tape, Variable x, const Weight& weight, double epsilon);

// x + bias, x [R, N], bias [N]. Writes over x, which may not be used after this.
Variable add_bias(Tape& tape, Variable x, const Weight& bias);

// RMSNorm over each of `heads` heads of x [R, W], from head `first_head` on, all with one weight [D]. Writes
// over x, which may not be used after this.
struct HeadNorm {
  int64_t first_head = 0;
  int64_t heads = 0;
  double epsilon = 1e-6;
};
Variable head_norm(Tape& tape, Variable x, const Weight& weight, const HeadNorm& how);

// Turns the first `rotated_heads` heads of each row of x [R, W], heads of size D side by side. Writes over x,
// which may not be used after this.
struct Rope {
  View positions;                       // [R] i32
  std::span<const double> frequencies;  // [D/2] radians per position; must outlive the tape
  int64_t rotated_heads = 0;
  int64_t head_size = 0;  // D
};
Variable rope(Tape& tape, Variable x, const Rope& how);

// Causal grouped-query attention within a leaf: qkv [B*T, (H+2G)*D], query heads first, then keys, then
// values; out [B*T, H*D].
struct AttentionShape {
  int64_t sequences = 0;  // B
  int64_t heads = 0;      // H
  int64_t kv_heads = 0;   // G
  int64_t window = 0;     // most keys of a row, as segment_begin has it; 0: no limit. For the cost only
};
Variable attention(Tape& tape, Variable qkv, const View& segment_begin, const AttentionShape& shape);

// The same for the rows of a step of serving, whose keys and values go to pages and stay there
// (kernels/paged.h): qkv [R, (H+2G)*D], first_key [R] i32; out [R, H*D]. Only on a tape that does not record.
// Same bits as attention().
struct PagedRows {
  int64_t heads = 0;  // H
  std::span<const kernels::PagedSequence> sequences;
  kernels::PageStore store;
};
Variable paged_attention(Tape& tape, Variable qkv, const View& first_key, const PagedRows& rows);

// gate_up [R, 2F] -> silu(gate) * up [R, F].
Variable swiglu(Tape& tape, Variable gate_up);

// x + branch, both [R, C]. Writes over one of them: neither may be used after this, except that x may when
// the tape records.
Variable add(Tape& tape, Variable x, Variable branch);

// nll [R] f32 of the output layer x [R, C] * weight [V, C]^T against targets [R]; ends the tape: its gradient
// is that of sum(loss_weights * nll). Forward and backward are one kernel, which holds no R x V matrix; so
// weight.gradient is added to in forward.
Variable classifier(Tape& tape, Variable x, const Weight& weight, const View& targets,
                    const View& loss_weights);

}  // namespace aurora::autograd
