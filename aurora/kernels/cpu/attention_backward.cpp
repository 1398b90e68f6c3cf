#include <cmath>
#include <limits>

#include "aurora/kernels/cpu/attention.h"
#include "aurora/kernels/cpu/attention_gradients.h"
#include "aurora/kernels/cpu/heads.h"
#include "aurora/kernels/cpu/panels.h"
#include "aurora/kernels/cpu/scratch.h"
#include "aurora/kernels/shapes.h"

namespace aurora::kernels::cpu {
namespace {

constexpr int64_t kBlock = kGradientBlock;

// A matrix [T, D] of one head in the packed forms that the products ask for.
struct PackedHead {
  uint32_t* rows = nullptr;     // panels of rows, summed over D
  uint32_t* columns = nullptr;  // panels of rows as columns, summed over D
  uint32_t* depth = nullptr;    // by block of rows: panels of D, summed over the rows
};

// What a thread works with: one key/value head and one of its query heads at a time.
struct Workspace {
  Scratch<uint32_t> units;
  Scratch<float> floats;

  PackedHead k, v, q, d_out;
  uint32_t* d_scores_packed;               // [query panels][keys]
  uint32_t* probabilities;                 // [keys of a panel, kBlock] act of the microkernel
  uint32_t* d_scores;                      // [kBlock keys, kBlock queries] act of the microkernel
  float *d_q, *d_k, *d_v;                  // [T, d_padded]
  float *lse, *out_d_out, *segment_begin;  // [T rounded up to blocks]
  float *scores, *d_probabilities;         // [keys of a panel, kBlock]
};

struct Backward {
  const Microkernel& kernel;
  const AttentionBackward& call;
  AttentionSizes size;
  int64_t blocks;                                   // of kBlock rows
  int64_t d_padded;                                 // D in whole column panels
  int64_t row_stride, column_stride, depth_stride;  // units between panels of each form

  Backward(const Microkernel& kernel_in, const AttentionBackward& call_in)
      : kernel(kernel_in), call(call_in), size(attention_sizes(call_in)) {
    blocks = (size.t + kBlock - 1) / kBlock;
    d_padded = round_up(size.d, kernel.columns);
    row_stride = kernel.panel_stride(size.d, kernel.rows);
    column_stride = kernel.panel_stride(size.d, kernel.columns);
    depth_stride = kernel.panel_stride(kBlock, kernel.columns);
  }
  int64_t depth_block_units() const { return d_padded / kernel.columns * depth_stride; }
  int64_t rows_of(int64_t block) const { return std::min(kBlock, size.t - block * kBlock); }

  void lay_out(Workspace& work) const;
  void pack(const HeadRows& from, const PackedHead& to) const;
  void begin_head(Workspace& work, int64_t b, int64_t h) const;
  void key_panel(Workspace& work, int64_t key_block, int64_t query_block, int64_t first) const;
  void query_gradients(Workspace& work, int64_t key_block, int64_t query_block) const;
  void tile(int64_t b, int64_t g) const;
};

// Cuts the workspace's memory into its parts.
void Backward::lay_out(Workspace& work) const {
  const int64_t rows = blocks * kBlock;
  const int64_t row_units = rows / kernel.rows * row_stride,
                column_units = rows / kernel.columns * column_stride;
  const int64_t depth_units = blocks * depth_block_units();
  const int64_t packed_block = kBlock / kernel.rows * kernel.panel_stride(kBlock, kernel.rows);
  const int64_t tile = kBlock * kBlock, panel = kernel.rows * kBlock;
  uint32_t* units =
      work.units.get(2 * row_units + 2 * column_units + 3 * depth_units + packed_block + panel + tile);
  const auto take = [&](int64_t count) { return std::exchange(units, units + count); };
  work.k = {take(row_units), nullptr, take(depth_units)};
  work.v = {take(row_units), nullptr, nullptr};
  work.q = {nullptr, take(column_units), take(depth_units)};
  work.d_out = {nullptr, take(column_units), take(depth_units)};
  work.d_scores_packed = take(packed_block);
  work.probabilities = take(panel);
  work.d_scores = take(tile);

  float* floats = work.floats.get(3 * rows * d_padded + 3 * rows + 2 * panel);
  const auto take_floats = [&](int64_t count) { return std::exchange(floats, floats + count); };
  work.d_q = take_floats(rows * d_padded);
  work.d_k = take_floats(rows * d_padded);
  work.d_v = take_floats(rows * d_padded);
  work.scores = take_floats(panel);
  work.d_probabilities = take_floats(panel);
  work.lse = take_floats(rows);
  work.out_d_out = take_floats(rows);
  work.segment_begin = take_floats(rows);
}

void Backward::pack(const HeadRows& from, const PackedHead& to) const {
  if (to.rows) kernel.pack(from.rows_along_depth(0, size.t, size.d), kernel.rows, to.rows, row_stride);
  if (to.columns)
    kernel.pack(from.rows_along_depth(0, size.t, size.d), kernel.columns, to.columns, column_stride);
  for (int64_t block = 0; to.depth && block < blocks; ++block)
    kernel.pack(from.depth_along_rows(block * kBlock, rows_of(block), size.d), kernel.columns,
                to.depth + block * depth_block_units(), depth_stride);
}

// Brings in query head h of sequence b.
void Backward::begin_head(Workspace& work, int64_t b, int64_t h) const {
  const Attention& forward = call.forward;
  pack(HeadRows(forward.q, b, h), work.q);
  pack(HeadRows(call.d_out, b, h), work.d_out);
  std::fill_n(work.d_q, size.t * d_padded, 0.0f);
  const HeadRows out(forward.out, b, h), d_out(call.d_out, b, h);
  multiply_out({forward.out.dtype, size.t, size.d, out.at(0), d_out.at(0), forward.out.strides[1],
                call.d_out.strides[1], work.out_d_out});
  const float* lse = forward.lse.as<float>() + (b * size.h + h) * size.t;
  const View& begins = forward.segment_begin;
  const int32_t* segment_begin = begins.as<int32_t>() + b * begins.stride(0);
  for (int64_t i = 0; i < blocks * kBlock; ++i) {
    // Rows beyond the last see no key.
    const bool real = i < size.t;
    work.lse[i] = real ? static_cast<float>(lse[i] * M_LOG2E) : 0;
    work.segment_begin[i] = real ? static_cast<float>(segment_begin[i]) : std::numeric_limits<float>::max();
    if (!real) work.out_d_out[i] = 0;
  }
}

// Keys [first, first + kernel.rows) of a key block against a block of queries: their part of d_k and d_v, and
// their rows of d_scores.
void Backward::key_panel(Workspace& work, int64_t key_block, int64_t query_block, int64_t first) const {
  const int64_t key = key_block * kBlock + first, query = query_block * kBlock;
  const int64_t rows = std::min<int64_t>(kernel.rows, rows_of(key_block) - first);
  // Queries before the first key see none of them.
  const int64_t unit = std::max<int64_t>(kernel.columns, 16);
  const int64_t begin = std::max<int64_t>(0, key - query) / unit * unit;
  const int64_t end = round_up(rows_of(query_block), 16);
  const int64_t at_panel = (query + begin) / kernel.columns * column_stride;
  const auto multiply = [&](const PackedHead& a, const PackedHead& b, float* to) {
    multiply_panels(kernel, {rows,
                             end - begin,
                             kernel.steps(size.d),
                             {a.rows + key / kernel.rows * row_stride, 0, 1, kernel.rows},
                             {b.columns + at_panel, column_stride},
                             to + begin,
                             kBlock,
                             false});
  };
  multiply(work.k, work.q, work.scores);
  multiply(work.v, work.d_out, work.d_probabilities);

  const float* begins = work.segment_begin + query;
  const bool masked = key + rows - 1 > query + begin ||
                      *std::max_element(begins + begin, begins + end) > static_cast<float>(key);
  const int64_t row_units = kernel.steps(kBlock);
  uint32_t* d_scores = work.d_scores + first * row_units;
  differentiate_scores({static_cast<int>(rows), static_cast<int>(begin), static_cast<int>(end), masked,
                        static_cast<float>(M_LOG2E / std::sqrt(static_cast<double>(size.d))),
                        static_cast<int32_t>(key), static_cast<int32_t>(query), begins, work.lse + query,
                        work.out_d_out + query, work.scores, work.d_probabilities, kernel.unit,
                        work.probabilities, d_scores});

  const int64_t step = kernel.steps(begin), steps = kernel.steps(rows_of(query_block)) - step;
  const auto add = [&](const uint32_t* a, const PackedHead& b, float* to) {
    multiply_panels(kernel,
                    {rows,
                     size.d,
                     steps,
                     {a + step, 0, row_units, 1},
                     {b.depth + query_block * depth_block_units() + step * kernel.columns, depth_stride},
                     to + key * d_padded,
                     d_padded,
                     true});
  };
  add(work.probabilities, work.d_out, work.d_v);
  add(d_scores, work.q, work.d_k);
}

// d_q of a block of queries from one block of keys.
void Backward::query_gradients(Workspace& work, int64_t key_block, int64_t query_block) const {
  const int64_t keys = rows_of(key_block), queries = rows_of(query_block);
  const int64_t stride = kernel.panel_stride(kBlock, kernel.rows);
  kernel.pack({work.d_scores, kernel.unit, kBlock, false, queries, keys}, kernel.rows, work.d_scores_packed,
              stride);
  for (int64_t i = 0; i < queries; i += kernel.rows) {
    const int64_t rows = std::min<int64_t>(kernel.rows, queries - i);
    // In the diagonal block these rows see no key beyond their own, and later d_scores were not written.
    const int64_t seen = key_block == query_block ? std::min(keys, i + kernel.rows) : keys;
    multiply_panels(kernel, {rows,
                             size.d,
                             kernel.steps(seen),
                             {work.d_scores_packed + i / kernel.rows * stride, 0, 1, kernel.rows},
                             {work.k.depth + key_block * depth_block_units(), depth_stride},
                             work.d_q + (query_block * kBlock + i) * d_padded,
                             d_padded,
                             true});
  }
}

// Key/value head g of sequence b and all its query heads.
void Backward::tile(int64_t b, int64_t g) const {
  thread_local Workspace work;
  lay_out(work);
  const Attention& forward = call.forward;
  pack(HeadRows(forward.k, b, g), work.k);
  pack(HeadRows(forward.v, b, g), work.v);
  std::fill_n(work.d_k, size.t * d_padded, 0.0f);
  std::fill_n(work.d_v, size.t * d_padded, 0.0f);
  const float scale = static_cast<float>(1 / std::sqrt(static_cast<double>(size.d)));
  const auto write = [&](const float* from, float factor, const View& to, int64_t head) {
    write_scaled(
        {size.t, size.d, from, d_padded, factor, to.dtype, HeadRows(to, b, head).at(0), to.strides[1]});
  };
  const int64_t group = size.h / size.g;
  for (int64_t h = g * group; h < (g + 1) * group; ++h) {
    begin_head(work, b, h);
    for (int64_t key_block = 0; key_block < blocks; ++key_block) {
      const int64_t last_key = key_block * kBlock + rows_of(key_block) - 1;
      for (int64_t query_block = key_block; query_block < blocks; ++query_block) {
        const float* begins = work.segment_begin + query_block * kBlock;
        if (*std::min_element(begins, begins + rows_of(query_block)) > static_cast<float>(last_key)) continue;
        for (int64_t first = 0; first < rows_of(key_block); first += kernel.rows)
          key_panel(work, key_block, query_block, first);
        query_gradients(work, key_block, query_block);
      }
    }
    write(work.d_q, scale, call.d_q, h);
  }
  write(work.d_k, scale, call.d_k, g);
  write(work.d_v, 1, call.d_v, g);
}

}  // namespace

void attention_backward_with(const Microkernel& kernel, const Stream& stream, const AttentionBackward& call) {
  const Backward backward(kernel, call);
  const int64_t heads = backward.size.g;
  stream.pool->for_each(backward.size.b * heads, [&](size_t at) { backward.tile(at / heads, at % heads); });
}

void attention_backward(const Stream& stream, const AttentionBackward& call) {
  attention_backward_with(best_microkernel(call.forward.q.dtype), stream, call);
}

}  // namespace aurora::kernels::cpu
