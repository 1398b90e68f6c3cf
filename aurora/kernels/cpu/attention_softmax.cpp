#include "aurora/kernels/cpu/attention_softmax.h"

#include <cmath>

#include "aurora/kernels/cpu/exp2.h"

namespace aurora::kernels::cpu {
namespace {

// Scales the scores of a row, hides what it does not see, and returns their maximum.
[[gnu::always_inline]] inline float scale_row(const SoftmaxBlock& block, int row) {
  float* scores = block.scores + row * kKeyBlock;
  Lanes highest = splat(kNoScore);
  const float first = static_cast<float>(block.first[row]), last = static_cast<float>(block.last[row]);
  for (int j = 0; j < block.columns; j += kLanes) {
    Lanes score = load(scores + j) * block.scale;
    if (block.masked) {
      const Lanes column = kLaneNumbers + static_cast<float>(j);
      score = max(first - column, column - last) > 0.0f ? splat(-__builtin_inff()) : score;
    }
    store(scores + j, score);
    highest = max(score, highest);
  }
  return largest(highest);
}

template <typename T>
[[gnu::always_inline]] inline void softmax_row(SoftmaxState& state, const SoftmaxBlock& block, int row) {
  const float before = state.highest[row], in_block = scale_row(block, row);
  const float highest = before > in_block ? before : in_block;
  Lanes sums = load(state.sums[row]);
  if (highest != before) {
    const float shrink = exp2(splat(before - highest))[0];
    float* out = block.out + row * block.out_stride;
    for (int64_t x = 0; x < block.out_stride; x += kLanes) store(out + x, load(out + x) * shrink);
    sums *= shrink;
    state.highest[row] = highest;
  }
  const float* scores = block.scores + row * kKeyBlock;
  T* probabilities = static_cast<T*>(block.probabilities) + row * kKeyBlock;
  for (int j = 0; j < block.columns; j += kLanes) {
    const Lanes p = exp2(load(scores + j) - highest);
    sums += p;
    store_result(probabilities + j, p);
  }
  store(state.sums[row], sums);
}

template <typename T>
[[gnu::always_inline]] inline void softmax_rows(SoftmaxState& state, const SoftmaxBlock& block) {
  for (int row = 0; row < block.rows; ++row) softmax_row<T>(state, block, row);
}

template <typename T>
[[gnu::always_inline]] inline void write_rows(const SoftmaxState& state, const SoftmaxOut& out) {
  for (int row = 0; row < out.rows; ++row) {
    const float total = sum(load(state.sums[row])), factor = 1 / total;
    const float* from = out.sums + row * out.sums_stride;
    T* to = static_cast<T*>(out.out) + row * out.out_stride;
    // Adding zero turns -0 into 0: which of the two it is depends on how many hidden keys were added.
    for_lanes(out.d, [&](int64_t x, auto count) [[gnu::always_inline]] {
      store(to + x, load(from + x, count) * factor + 0.0f, count);
    });
    if (out.lse)
      out.lse[row] = static_cast<float>((state.highest[row] + std::log2(static_cast<double>(total))) * M_LN2);
  }
}

}  // namespace

void softmax_write(const SoftmaxState& state, const SoftmaxOut& out) {
  if (out.dtype == device::DType::kBF16)
    run([&] [[gnu::always_inline]] { write_rows<bf16>(state, out); });
  else
    run([&] [[gnu::always_inline]] { write_rows<float>(state, out); });
}

void softmax_block(SoftmaxState& state, const SoftmaxBlock& block) {
  if (block.dtype == device::DType::kBF16)
    run([&] [[gnu::always_inline]] { softmax_rows<bf16>(state, block); });
  else
    run([&] [[gnu::always_inline]] { softmax_rows<float>(state, block); });
}

}  // namespace aurora::kernels::cpu
