// The kernels: one table of functions per backend, all with the same contract, which is stated here and only
// here. reference/ is the plain, single-threaded truth in double or float; cpu/ is fast; cuda/ holds what has
// been ported (a missing entry is null, and tensor/ says so by name). Kernels see plain views and know no
// tensor and no tape.
//
// Dimension letters (docs/GLOSSARY.md): B sequences, T length, R = B*T rows, C width, H query heads, G
// key/value heads, D head size, F hidden width, V vocabulary. "act" is the compute dtype: bf16 or f32, the
// same for all act arguments of a call. Sums run in f32 or wider. Gradients of weights are f32 and are ADDED
// to what is there; gradients of activations are overwritten.
//
// Bits: an output element depends only on its own row, its own column and the fixed order over the summed
// axis, never on how many rows, tiles, threads or requests there are. Weight gradients sum over rows in fixed
// blocks, in order.
#pragma once

#include <cstdint>
#include <span>

#include "aurora/device/stream.h"
#include "aurora/device/view.h"
#include "aurora/kernels/paged.h"

namespace aurora::kernels {

using device::Stream;
using device::View;

// C[M,N] = op(A)[M,K] * op(B)[K,N] (+ C if accumulate). A, B: both bf16 or both f32, rank 2, any row stride.
// C: f32, or act when not accumulating. transpose_a: A is stored [K,M]; transpose_b: B is stored [N,K] (a
// Linear weight).
struct Gemm {
  View a, b, c;
  bool transpose_a = false;
  bool transpose_b = false;
  bool accumulate = false;
};

// Causal grouped-query attention: row i of q attends to key rows segment_begin[b, i] .. i. Query head h uses
// key/value head h / (H/G). Scores are scaled by 1/sqrt(D). Key blocks are aligned at row 0 and merged in
// ascending order.
struct Attention {
  View q;              // [B, T, H, D] act, any strides but the last
  View k, v;           // [B, T, G, D] act
  View segment_begin;  // [B, T] i32
  View out;            // [B, T, H, D] act
  View lse;  // [B, H, T] f32: log of the sum of exp(scores), for backward; may be empty in inference
};
struct AttentionBackward {
  Attention forward;   // as it was run, with lse
  View d_out;          // [B, T, H, D] act
  View d_q, d_k, d_v;  // as q, k, v: overwritten
};

// Output layer and loss in one: never holds an R x V matrix in f32.
// nll[r] = logsumexp(x[r] W^T) - (x[r] W^T)[targets[r]]; the loss of the rows is sum of
// loss_weights[r]*nll[r]. A row with loss weight 0 is still given an nll. targets < 0 gives nll 0 and no
// gradient.
struct Classifier {
  View x;             // [R, C] act
  View weight;        // [V, C] act
  View targets;       // [R] i32
  View loss_weights;  // [R] f32
  View nll;           // [R] f32, out
  View d_x;           // [R, C] act, out: gradient of the weighted sum; empty = no gradient wanted
  View d_weight;      // [V, C] f32, added; empty iff d_x is
};

// Rotary embedding, Hugging Face's halves: pairs (i, i + D/2) turn by position * frequencies[i], in place (Su
// et al. 2021).
struct Rope {
  View x;                               // [R, heads, D] act, any strides but the last
  View positions;                       // [R] i32
  std::span<const double> frequencies;  // [D/2] radians per position, host memory
  bool inverse = false;                 // turn back, which is the backward pass
};

struct AdamW {
  View master, m, v;  // [N] f32, updated
  View gradient;      // [N] f32
  View compute;       // [N] act copy of master, written; may be empty
  float learning_rate = 0, beta1 = 0, beta2 = 0, epsilon = 0, weight_decay = 0;
  float gradient_scale = 1;                          // clip factor / total loss weight
  float bias_correction1 = 1, bias_correction2 = 1;  // 1 - beta^step
};

class PackedWeight;  // kernels/packed.h

// C[M,N] = A[M,K] * W^T with a weight W [N,K] packed beforehand. A: the weight's act, any row stride. C: f32
// or act. Where W is dense the bits are those of gemm.
struct PackedGemm {
  View a;
  const PackedWeight* weight;
  View c;
};

struct Kernels {
  const char* name;  // "reference", "cpu", "cuda"

  void (*gemm)(const Stream&, const Gemm&);
  void (*gemm_packed)(const Stream&, const PackedGemm&);
  void (*attention_forward)(const Stream&, const Attention&);
  void (*attention_backward)(const Stream&, const AttentionBackward&);
  // kernels/paged.h. Bytes of a page of one layer, a multiple of 64.
  int64_t (*page_bytes)(const PageShape&);
  void (*paged_attention)(const Stream&, const PagedAttention&);
  void (*classifier)(const Stream&, const Classifier&);

  // out[r] = table[tokens[r]]. table [V,C] act, tokens [R] i32 in [0,V), out [R,C] act.
  void (*embedding_forward)(const Stream&, View table, View tokens, View out);
  // d_table[tokens[r]] += d_out[r], rows in ascending order. d_table [V,C] f32.
  void (*embedding_backward)(const Stream&, View d_out, View tokens, View d_table);

  // out[r] = x[r] * inv_rms[r] * weight, inv_rms[r] = 1/sqrt(mean(x[r]^2) + epsilon). x, out [R,C] act,
  // weight [C] act, inv_rms [R] f32 (Zhang & Sennrich 2019). out may be x, and d_x d_out.
  void (*rmsnorm_forward)(const Stream&, View x, View weight, float epsilon, View out, View inv_rms);
  void (*rmsnorm_backward_input)(const Stream&, View d_out, View x, View weight, View inv_rms, View d_x);
  void (*rmsnorm_backward_weight)(const Stream&, View d_out, View x, View inv_rms, View d_weight);

  void (*rope)(const Stream&, const Rope&);

  // out = silu(gate) * up. gate_up [R, 2F] act, gate in the first half; out [R,F] (Shazeer 2020).
  void (*swiglu_forward)(const Stream&, View gate_up, View out);
  void (*swiglu_backward)(const Stream&, View d_out, View gate_up, View d_gate_up);

  // x[r] += bias, in place, one rounding. x [R,N] act, bias [N] act.
  void (*bias_forward)(const Stream&, View x, View bias);
  // d_bias += sum of the rows of d_out. d_out [R,N] act, d_bias [N] f32.
  void (*bias_backward)(const Stream&, View d_out, View d_bias);

  // out = a + b, same shape and dtype (act or f32), out may be a. One rounding.
  void (*add)(const Stream&, View a, View b, View out);
  // Casts f32 <-> bf16, same number of elements.
  void (*cast)(const Stream&, View from, View to);
  // Sum of squares of f32 x, in f64, over fixed blocks joined by a fixed tree: result is one f64 written to
  // out[0] (host memory on the CPU).
  void (*sum_squares)(const Stream&, View x, double* out);
  void (*adamw)(const Stream&, const AdamW&);
};

const Kernels& reference_kernels();
const Kernels& cpu_kernels();
const Kernels& cuda_kernels();  // without CUDA: every entry null
const Kernels& kernels_for(device::Kind kind);

}  // namespace aurora::kernels
