#include "aurora/kernels/cpu/attention_rows.h"

#include <cmath>

namespace aurora::kernels::cpu {

void AttentionRows::begin() {
  std::fill_n(out, kQueryRows * attention_out_stride(kernel, d), 0.0f);
  std::fill_n(&state.sums[0][0], sizeof state.sums / sizeof(float), 0.0f);
  std::fill_n(state.highest, kQueryRows, kNoScore);
}

void AttentionRows::block(int64_t key, const ColumnPanels& keys, const ColumnPanels& values) {
  alignas(64) float scores[kQueryRows * kKeyBlock];
  alignas(64) float probabilities[kQueryRows * kKeyBlock];  // or half as many bytes of bf16
  const int64_t keys_seen = std::min<int64_t>(kKeyBlock, keys_end() - key);
  multiply_panels(
      kernel,
      {rows, keys_seen, kernel.steps(d), {queries, 0, 1, kernel.rows}, keys, scores, kKeyBlock, false});
  SoftmaxBlock softmax;
  softmax.rows = rows;
  softmax.columns = static_cast<int>(round_up(keys_seen, kLanes));
  softmax.scale = static_cast<float>(M_LOG2E / std::sqrt(static_cast<double>(d)));
  softmax.masked = false;
  for (int r = 0; r < rows; ++r) {
    softmax.first[r] = static_cast<int>(std::clamp<int64_t>(first[r] - key, 0, kKeyBlock));
    softmax.last[r] = static_cast<int>(std::min<int64_t>(last[r] - key, kKeyBlock - 1));
    softmax.masked |= softmax.first[r] > 0 || softmax.last[r] < softmax.columns - 1;
  }
  softmax.scores = scores;
  softmax.probabilities = probabilities;
  softmax.dtype = kernel.unit;
  softmax.out = out;
  softmax.out_stride = attention_out_stride(kernel, d);
  softmax_block(state, softmax);
  const uint32_t* units = reinterpret_cast<const uint32_t*>(probabilities);
  multiply_panels(kernel, {rows,
                           d,
                           kernel.steps(keys_seen),
                           {units, 0, kernel.steps(kKeyBlock), 1},
                           values,
                           out,
                           softmax.out_stride,
                           true});
}

}  // namespace aurora::kernels::cpu
