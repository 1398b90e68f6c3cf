// The element-wise half of attention's backward pass: what happens between its products.
#pragma once

#include "aurora/device/dtype.h"
#include "aurora/device/view.h"

namespace aurora::kernels::cpu {

constexpr int kGradientBlock = 96;  // queries and keys taken at a time

// A few keys against a block of queries. Key first_key + r is seen by query first_query + c from the c's
// query's segment_begin on.
struct ScoreGradients {
  int rows;        // keys
  int begin, end;  // columns: queries, multiples of 16
  bool masked;     // whether some key is hidden from some query
  float scale;     // of the scores, log2(e) included
  int32_t first_key, first_query;
  const float* segment_begin;    // [columns], exact
  const float* lse;              // [columns], base 2
  const float* out_d_out;        // [columns]: sum over D of out * d_out
  const float* scores;           // [rows, kGradientBlock]
  const float* d_probabilities;  // [rows, kGradientBlock]
  device::DType dtype;           // of what is written: f32 or bf16
  void* probabilities;           // [rows, kGradientBlock]
  void* d_scores;                // [rows, kGradientBlock], still to be multiplied by 1/sqrt(D)
};
void differentiate_scores(const ScoreGradients& call);

// out_d_out[i] = sum over d of out[i, d] * d_out[i, d].
struct OutProducts {
  device::DType dtype;
  int64_t rows, d;
  const void *out, *d_out;
  int64_t out_stride, d_out_stride;
  float* out_d_out;
};
void multiply_out(const OutProducts& call);

// to[i, d] = factor * from[i, d], `to` in f32 or bf16.
struct ScaledRows {
  int64_t rows, d;
  const float* from;
  int64_t from_stride;
  float factor;
  device::DType dtype;
  void* to;
  int64_t to_stride;
};
void write_scaled(const ScaledRows& call);

}  // namespace aurora::kernels::cpu
