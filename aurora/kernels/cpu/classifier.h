// The contract is in kernels/kernels.h.
//
// Rows go in blocks, in order, and the vocabulary in blocks of kClassifierWords. Logits exist for one block
// of each, in f32; what is kept of them is e^(logit - its row's maximum in the block), in act, so the largest
// buffer is kClassifierRows x V bf16, or a quarter of the rows in f32. Once the sum over the vocabulary is
// known these become the logits' gradients in place and two products per block give d_x and d_weight, so that
// no logit is computed twice.
#pragma once

#include "aurora/kernels/kernels.h"

namespace aurora::kernels::cpu {

constexpr int64_t kClassifierRows = 1024;  // bf16; it decides the order in which d_weight is summed
constexpr int64_t kClassifierRowsF32 = 256;
constexpr int64_t kClassifierWords = 2048;

void classifier(const Stream& stream, const Classifier& call);

}  // namespace aurora::kernels::cpu
