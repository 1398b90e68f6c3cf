// The row-wise half of attention: what happens between its two products. Scores are in units of log2, so
// that 2^t serves for e^x.
#pragma once

#include "aurora/device/dtype.h"
#include "aurora/kernels/cpu/isa.h"

namespace aurora::kernels::cpu {

constexpr int kKeyBlock = 128;  // keys merged at a time, aligned at row 0
constexpr int kQueryRows = 12;  // at least every microkernel's rows
constexpr float kNoScore = -1e30f;

// Running softmax of up to kQueryRows query rows of one head.
struct SoftmaxState {
  alignas(64) float sums[kQueryRows][16];  // of the probabilities, by lane
  float highest[kQueryRows];               // kNoScore before the first key
};

// One block of keys for the rows of a state. Row r sees its columns [first[r], last[r]].
struct SoftmaxBlock {
  int rows, columns;  // columns: a multiple of 16
  float scale;        // of the scores, log2(e) included
  bool masked;        // whether first and last must be looked at
  int first[kQueryRows], last[kQueryRows];
  float* scores;        // [rows, kKeyBlock], overwritten
  void* probabilities;  // [rows, kKeyBlock] f32 or bf16, relative to the new maximum
  device::DType dtype;
  float* out;          // [rows, out_stride], scaled down to the new maximum
  int64_t out_stride;  // a multiple of 16
};
void softmax_block(SoftmaxState& state, const SoftmaxBlock& block);

// The finished rows: divides by the sum of probabilities.
struct SoftmaxOut {
  int rows;
  int64_t d;
  const float* sums;    // [rows, sums_stride], of values weighted by probabilities
  int64_t sums_stride;  // a multiple of 16
  void* out;            // [rows, d] f32 or bf16
  device::DType dtype;
  int64_t out_stride;
  float* lse;  // null, or [rows]: natural logarithm of the sum of e^score
};
void softmax_write(const SoftmaxState& state, const SoftmaxOut& out);

}  // namespace aurora::kernels::cpu
