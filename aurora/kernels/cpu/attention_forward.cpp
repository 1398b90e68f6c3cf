#include <cmath>

#include "aurora/kernels/cpu/attention.h"
#include "aurora/kernels/cpu/attention_softmax.h"
#include "aurora/kernels/cpu/heads.h"
#include "aurora/kernels/cpu/lanes.h"
#include "aurora/kernels/cpu/panels.h"
#include "aurora/kernels/cpu/scratch.h"
#include "aurora/kernels/shapes.h"

namespace aurora::kernels::cpu {
namespace {

constexpr int64_t kTileQueries = 96;

// One call on its way. Keys are packed as columns of Q K^T, values as columns of P V, block by block.
struct Forward {
  const Microkernel& kernel;
  const Attention& call;
  AttentionSizes size;
  int64_t keys;                      // rows of k and v in use
  int64_t d_padded;                  // head size in whole column panels
  int64_t key_stride, value_stride;  // units between panels
  int64_t keys_units, values_units;  // units of one head
  uint32_t* packed = nullptr;

  Forward(const Microkernel& kernel_in, const Attention& call_in)
      : kernel(kernel_in), call(call_in), size(attention_sizes(call_in)) {
    keys = call.query_begin + size.tq;
    d_padded = round_up(size.d, std::max<int64_t>(kernel.columns, kLanes));
    key_stride = kernel.panel_stride(size.d, kernel.columns);
    value_stride = kernel.panel_stride(kKeyBlock, kernel.columns);
    keys_units = round_up(keys, kernel.columns) / kernel.columns * key_stride;
    values_units = round_up(keys, kKeyBlock) / kKeyBlock * value_block_units();
  }
  int64_t value_block_units() const {
    return round_up(size.d, kernel.columns) / kernel.columns * value_stride;
  }
  uint32_t* packed_keys(int64_t head) const { return packed + head * (keys_units + values_units); }
  uint32_t* packed_values(int64_t head) const { return packed_keys(head) + keys_units; }

  void pack_head(int64_t head) const;
  void tile(int64_t b, int64_t h, int64_t begin, int64_t end) const;
};

// head: number of the key/value head over all sequences.
void Forward::pack_head(int64_t head) const {
  const HeadRows k(call.k, head / size.g, head % size.g), v(call.v, head / size.g, head % size.g);
  kernel.pack(k.rows_along_depth(0, keys, size.d), kernel.columns, packed_keys(head), key_stride);
  for (int64_t begin = 0; begin < keys; begin += kKeyBlock)
    kernel.pack(v.depth_along_rows(begin, std::min<int64_t>(kKeyBlock, keys - begin), size.d), kernel.columns,
                packed_values(head) + begin / kKeyBlock * value_block_units(), value_stride);
}

// The first key that any of the rows sees.
int64_t first_key(const int32_t* segment_begin, int rows) {
  return *std::min_element(segment_begin, segment_begin + rows);
}

// A few query rows of one head, running through their keys.
struct QueryRows {
  const Forward& run;
  int rows;
  int64_t position;              // of the first row
  const int32_t* segment_begin;  // [rows]
  const uint32_t *keys, *values;
  const uint32_t* queries;  // one packed panel
  float* out;               // [kQueryRows, d_padded], zeros at first
  SoftmaxState state{};

  void block(int64_t begin);
  void write(int64_t b, int64_t i, int64_t h) const;
};

// The keys [begin, begin + kKeyBlock), as far as the last row sees them.
void QueryRows::block(int64_t begin) {
  const Microkernel& kernel = run.kernel;
  alignas(64) float scores[kQueryRows * kKeyBlock];
  alignas(64) float probabilities[kQueryRows * kKeyBlock];  // or half as many bytes of bf16
  const int64_t keys_seen = std::min<int64_t>(kKeyBlock, position + rows - begin);
  multiply_panels(kernel, {rows,
                           keys_seen,
                           kernel.steps(run.size.d),
                           {queries, 0, 1, kernel.rows},
                           {keys + begin / kernel.columns * run.key_stride, run.key_stride},
                           scores,
                           kKeyBlock,
                           false});
  SoftmaxBlock softmax;
  softmax.rows = rows;
  softmax.columns = static_cast<int>(round_up(keys_seen, kLanes));
  softmax.scale = static_cast<float>(M_LOG2E / std::sqrt(static_cast<double>(run.size.d)));
  softmax.masked = false;
  for (int r = 0; r < rows; ++r) {
    softmax.first[r] = static_cast<int>(std::clamp<int64_t>(segment_begin[r] - begin, 0, kKeyBlock));
    softmax.last[r] = static_cast<int>(std::min<int64_t>(position + r - begin, kKeyBlock - 1));
    softmax.masked |= softmax.first[r] > 0 || softmax.last[r] < softmax.columns - 1;
  }
  softmax.scores = scores;
  softmax.probabilities = probabilities;
  softmax.dtype = kernel.unit;
  softmax.out = out;
  softmax.out_stride = run.d_padded;
  softmax_block(state, softmax);
  const uint32_t* units = reinterpret_cast<const uint32_t*>(probabilities);
  multiply_panels(kernel, {rows,
                           run.size.d,
                           kernel.steps(keys_seen),
                           {units, 0, kernel.steps(kKeyBlock), 1},
                           {values + begin / kKeyBlock * run.value_block_units(), run.value_stride},
                           out,
                           run.d_padded,
                           true});
}

// To rows i .. of head h of sequence b.
void QueryRows::write(int64_t b, int64_t i, int64_t h) const {
  const View &view = run.call.out, &lse = run.call.lse;
  const int64_t lse_at = (b * run.size.h + h) * run.size.tq + i;
  softmax_write(state, {rows, run.size.d, out, run.d_padded, HeadRows(view, b, h).at(i), view.dtype,
                        view.strides[1], lse.empty() ? nullptr : lse.as<float>() + lse_at});
}

// Query rows [begin, end) of head h of sequence b.
void Forward::tile(int64_t b, int64_t h, int64_t begin, int64_t end) const {
  thread_local Scratch<uint32_t> query_scratch;
  thread_local Scratch<float> out_scratch;
  uint32_t* queries = query_scratch.get(kernel.panel_stride(size.d, kernel.rows));
  float* out = out_scratch.get(kQueryRows * d_padded);
  const int64_t head = b * size.g + h / (size.h / size.g);
  const View& segment_begin = call.segment_begin;
  for (int64_t i = begin; i < end; i += kernel.rows) {
    const int rows = static_cast<int>(std::min<int64_t>(kernel.rows, end - i));
    kernel.pack(HeadRows(call.q, b, h).rows_along_depth(i, rows, size.d), kernel.rows, queries,
                kernel.panel_stride(size.d, kernel.rows));
    std::fill_n(out, kQueryRows * d_padded, 0.0f);
    QueryRows queries_of{*this,
                         rows,
                         call.query_begin + i,
                         segment_begin.as<int32_t>() + b * segment_begin.stride(0) + i,
                         packed_keys(head),
                         packed_values(head),
                         queries,
                         out};
    std::fill_n(queries_of.state.highest, kQueryRows, kNoScore);
    const int64_t first = first_key(queries_of.segment_begin, rows);
    for (int64_t key = first / kKeyBlock * kKeyBlock; key < queries_of.position + rows; key += kKeyBlock)
      queries_of.block(key);
    queries_of.write(b, i, h);
  }
}

}  // namespace

void attention_forward_with(const Microkernel& kernel, const Stream& stream, const Attention& call) {
  Forward forward(kernel, call);
  const AttentionSizes& size = forward.size;
  if (size.b == 0 || size.tq == 0 || size.h == 0) return;
  thread_local Scratch<uint32_t> scratch;
  forward.packed = scratch.get(size.b * size.g * (forward.keys_units + forward.values_units));
  stream.pool->for_each(size.b * size.g, [&](size_t head) { forward.pack_head(head); });
  const int64_t tiles = (size.tq + kTileQueries - 1) / kTileQueries;
  stream.pool->for_each(size.b * size.h * tiles, [&](size_t at) {
    const int64_t head = at / tiles, begin = at % tiles * kTileQueries;
    forward.tile(head / size.h, head % size.h, begin, std::min(begin + kTileQueries, size.tq));
  });
}

void attention_forward(const Stream& stream, const Attention& call) {
  attention_forward_with(best_microkernel(call.q.dtype), stream, call);
}

}  // namespace aurora::kernels::cpu
