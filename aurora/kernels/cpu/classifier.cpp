#include "aurora/kernels/cpu/classifier.h"

#include <cmath>

#include "aurora/kernels/cpu/exp2.h"
#include "aurora/kernels/cpu/gemm.h"
#include "aurora/kernels/cpu/isa.h"
#include "aurora/kernels/cpu/scratch.h"
#include "aurora/kernels/cpu/tiles.h"
#include "aurora/kernels/shapes.h"

namespace aurora::kernels::cpu {
namespace {

constexpr int64_t kTileRows = 16;
constexpr float kLog2e = 1.44269504f;

// What a row's logits in one block of words came to, in units of log2.
struct BlockSum {
  float highest;  // largest logit
  float sum;      // of 2^(logit - highest)
};

// A block of rows on its way through the vocabulary.
struct RowBlock {
  const Stream& stream;
  View x, weight;          // [rows, C], [V, C]
  const int32_t* targets;  // [rows]
  const float* loss_weights;
  float* nll;
  int64_t rows, v, word_blocks;
  float* logits;         // [rows, kClassifierWords]
  char* kept;            // [word_blocks][rows, kClassifierWords] act; null without gradient
  BlockSum* sums;        // [rows, word_blocks]
  float* target_logits;  // [rows]
  double* log_sums;      // [rows], base 2

  int64_t words(int64_t block) const { return std::min(kClassifierWords, v - block * kClassifierWords); }
  View weight_of(int64_t block) const { return weight.rows(block * kClassifierWords, words(block)); }
  View kept_of(int64_t block) const {
    const int64_t bytes = rows * kClassifierWords * static_cast<int64_t>(dtype_size(x.dtype));
    return matrix(kept + block * bytes, x.dtype, words(block));
  }
  View matrix(void* data, device::DType dtype, int64_t columns) const {
    View view = View::contiguous(data, dtype, {rows, kClassifierWords});
    view.shape[1] = columns;
    return view;
  }

  void sum_logits(int64_t block) const;
  void finish_row(int64_t row) const;
  void differentiate(int64_t block) const;
};

// Largest of a row of logits, and the sum of their exponentials; these are kept if `kept` is not null.
template <typename T>
[[gnu::always_inline]] inline BlockSum sum_row(const float* logits, int64_t words, T* kept) {
  Lanes largest_lanes = splat(-__builtin_inff());
  for_lanes(words, [&](int64_t j, auto count) [[gnu::always_inline]] {
    Lanes logit = load(logits + j, count);
    if (count < kLanes)
      for (int64_t i = count; i < kLanes; ++i) logit[i] = logit[0];
    largest_lanes = max(logit, largest_lanes);
  });
  const float highest = largest(largest_lanes) * kLog2e;
  Lanes sums{};
  for_lanes(words, [&](int64_t j, auto count) [[gnu::always_inline]] {
    Lanes power = exp2(load(logits + j, count) * kLog2e - highest);
    if (count < kLanes)
      for (int64_t i = count; i < kLanes; ++i) power[i] = 0;
    sums += power;
    if (kept) store(kept + j, power, count);
  });
  return {highest, sum(sums)};
}

template <typename T>
[[gnu::always_inline]] inline void sum_rows(const RowBlock& b, int64_t block, int64_t begin, int64_t end) {
  const int64_t first = block * kClassifierWords;
  for (int64_t row = begin; row < end; ++row) {
    const float* logits = b.logits + row * kClassifierWords;
    T* kept = b.kept ? b.kept_of(block).as<T>() + row * kClassifierWords : nullptr;
    b.sums[row * b.word_blocks + block] = sum_row(logits, b.words(block), kept);
    const int64_t target = b.targets[row] - first;
    if (target >= 0 && target < b.words(block)) b.target_logits[row] = logits[target];
  }
}

void RowBlock::sum_logits(int64_t block) const {
  gemm(stream, {x, weight_of(block), matrix(logits, device::DType::kF32, words(block)), false, true, false});
  for_tiles(stream, rows, kTileRows, [&](int64_t begin, int64_t end) {
    if (x.dtype == device::DType::kBF16)
      run([&] [[gnu::always_inline]] { sum_rows<bf16>(*this, block, begin, end); });
    else
      run([&] [[gnu::always_inline]] { sum_rows<float>(*this, block, begin, end); });
  });
}

// Joins the blocks of words in ascending order.
void RowBlock::finish_row(int64_t row) const {
  const BlockSum* of = sums + row * word_blocks;
  float highest = of[0].highest;
  for (int64_t block = 1; block < word_blocks; ++block) highest = std::max(highest, of[block].highest);
  double sum = 0;
  for (int64_t block = 0; block < word_blocks; ++block)
    sum += of[block].sum * std::exp2(double{of[block].highest} - highest);
  log_sums[row] = highest + std::log2(sum);
  nll[row] = targets[row] < 0 ? 0 : static_cast<float>(log_sums[row] * M_LN2 - target_logits[row]);
}

// From what was kept to loss_weight * (probability - [word is the target]).
template <typename T>
[[gnu::always_inline]] inline void differentiate_rows(const RowBlock& b, int64_t block, int64_t begin,
                                                      int64_t end) {
  const int64_t words = b.words(block);
  for (int64_t row = begin; row < end; ++row) {
    T* kept = b.kept_of(block).as<T>() + row * kClassifierWords;
    const float weight = b.targets[row] < 0 ? 0 : b.loss_weights[row];
    const double highest = b.sums[row * b.word_blocks + block].highest;
    const float factor = weight * static_cast<float>(std::exp2(highest - b.log_sums[row]));
    for_lanes(words, [&](int64_t j, auto count)
                         [[gnu::always_inline]] { store(kept + j, load(kept + j, count) * factor, count); });
    // The target's from the loss, so that a probability near 1 leaves an exact difference.
    const int64_t target = b.targets[row] - block * kClassifierWords;
    if (target >= 0 && target < words)
      kept[target] = T(weight * static_cast<float>(std::expm1(-double{b.nll[row]})));
  }
}

void RowBlock::differentiate(int64_t block) const {
  for_tiles(stream, rows, kTileRows, [&](int64_t begin, int64_t end) {
    if (x.dtype == device::DType::kBF16)
      run([&] [[gnu::always_inline]] { differentiate_rows<bf16>(*this, block, begin, end); });
    else
      run([&] [[gnu::always_inline]] { differentiate_rows<float>(*this, block, begin, end); });
  });
}

// d_x over all words, in f32, and d_weight.
void differentiate(const RowBlock& rows, const View& d_x_sum, const View& d_weight) {
  for (int64_t block = 0; block < rows.word_blocks; ++block) {
    rows.differentiate(block);
    const View d_logits = rows.kept_of(block);
    gemm(rows.stream, {d_logits, rows.weight_of(block), d_x_sum, false, false, block > 0});
    gemm(rows.stream,
         {d_logits, rows.x, d_weight.rows(block * kClassifierWords, rows.words(block)), true, false, true});
  }
}

// Buffers of the calling thread, kept between calls.
struct Buffers {
  Scratch<float> logits, d_x, target_logits;
  Scratch<char> kept;
  Scratch<BlockSum> sums;
  Scratch<double> log_sums;
};

void classify_rows(const Stream& stream, const Classifier& call, int64_t begin, int64_t rows,
                   Buffers& buffers) {
  const int64_t c = call.x.dim(1), v = call.weight.dim(0), act = dtype_size(call.x.dtype);
  const int64_t word_blocks = (v + kClassifierWords - 1) / kClassifierWords;
  const bool gradient = !call.d_x.empty();
  const RowBlock block{stream,
                       call.x.rows(begin, rows),
                       call.weight,
                       call.targets.as<int32_t>() + begin,
                       call.loss_weights.as<float>() + begin,
                       call.nll.as<float>() + begin,
                       rows,
                       v,
                       word_blocks,
                       buffers.logits.get(rows * kClassifierWords),
                       gradient ? buffers.kept.get(word_blocks * rows * kClassifierWords * act) : nullptr,
                       buffers.sums.get(rows * word_blocks),
                       buffers.target_logits.get(rows),
                       buffers.log_sums.get(rows)};
  for (int64_t words = 0; words < word_blocks; ++words) block.sum_logits(words);
  for (int64_t row = 0; row < rows; ++row) block.finish_row(row);
  if (!gradient) return;

  const View d_x = call.d_x.rows(begin, rows);
  if (d_x.dtype == device::DType::kF32) return differentiate(block, d_x, call.d_weight);
  const View sum = View::contiguous(buffers.d_x.get(rows * c), device::DType::kF32, {rows, c});
  differentiate(block, sum, call.d_weight);
  for_tiles(stream, rows, kTileRows, [&](int64_t first, int64_t end) {
    run([&] [[gnu::always_inline]] {
      for (int64_t row = first; row < end; ++row)
        for_lanes(c, [&](int64_t i, auto count) [[gnu::always_inline]] {
          store(d_x.as<bf16>() + row * d_x.stride(0) + i, load(sum.as<float>() + row * c + i, count), count);
        });
    });
  });
}

}  // namespace

void classifier(const Stream& stream, const Classifier& call) {
  const ClassifierSizes size = classifier_sizes(call);
  thread_local Buffers buffers;
  const int64_t block = call.x.dtype == device::DType::kBF16 ? kClassifierRows : kClassifierRowsF32;
  for (int64_t begin = 0; begin < size.r; begin += block)
    classify_rows(stream, call, begin, std::min(block, size.r - begin), buffers);
}

}  // namespace aurora::kernels::cpu
