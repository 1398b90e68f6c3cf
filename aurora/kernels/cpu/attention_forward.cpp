#include "aurora/kernels/cpu/attention.h"
#include "aurora/kernels/cpu/attention_rows.h"
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
  int64_t key_stride, value_stride;  // units between panels
  int64_t keys_units, values_units;  // units of one head
  uint32_t* packed = nullptr;

  Forward(const Microkernel& kernel_in, const Attention& call_in)
      : kernel(kernel_in), call(call_in), size(attention_sizes(call_in)) {
    key_stride = kernel.panel_stride(size.d, kernel.columns);
    value_stride = kernel.panel_stride(kKeyBlock, kernel.columns);
    keys_units = round_up(size.t, kernel.columns) / kernel.columns * key_stride;
    values_units = round_up(size.t, kKeyBlock) / kKeyBlock * value_block_units();
  }
  int64_t value_block_units() const {
    return round_up(size.d, kernel.columns) / kernel.columns * value_stride;
  }
  uint32_t* packed_keys(int64_t head) const { return packed + head * (keys_units + values_units); }
  uint32_t* packed_values(int64_t head) const { return packed_keys(head) + keys_units; }

  void pack_head(int64_t head) const;
  void tile(int64_t b, int64_t h, int64_t begin, int64_t end) const;
  void write(const AttentionRows& rows, int64_t b, int64_t i, int64_t h) const;
};

// head: number of the key/value head over all sequences.
void Forward::pack_head(int64_t head) const {
  const HeadRows k(call.k, head / size.g, head % size.g), v(call.v, head / size.g, head % size.g);
  kernel.pack(k.rows_along_depth(0, size.t, size.d), kernel.columns, packed_keys(head), key_stride);
  for (int64_t begin = 0; begin < size.t; begin += kKeyBlock)
    kernel.pack(v.depth_along_rows(begin, std::min<int64_t>(kKeyBlock, size.t - begin), size.d),
                kernel.columns, packed_values(head) + begin / kKeyBlock * value_block_units(), value_stride);
}

// Query rows [begin, end) of head h of sequence b.
void Forward::tile(int64_t b, int64_t h, int64_t begin, int64_t end) const {
  thread_local Scratch<uint32_t> query_scratch;
  thread_local Scratch<float> out_scratch;
  uint32_t* queries = query_scratch.get(kernel.panel_stride(size.d, kernel.rows));
  float* out = out_scratch.get(kQueryRows * attention_out_stride(kernel, size.d));
  const int64_t head = b * size.g + h / (size.h / size.g);
  const View& segment_begin = call.segment_begin;
  for (int64_t i = begin; i < end; i += kernel.rows) {
    const int count = static_cast<int>(std::min<int64_t>(kernel.rows, end - i));
    kernel.pack(HeadRows(call.q, b, h).rows_along_depth(i, count, size.d), kernel.rows, queries,
                kernel.panel_stride(size.d, kernel.rows));
    AttentionRows rows{kernel, count, size.d, queries, out};
    const int32_t* first = segment_begin.as<int32_t>() + b * segment_begin.stride(0) + i;
    for (int r = 0; r < count; ++r) {
      rows.first[r] = first[r];
      rows.last[r] = i + r;
    }
    rows.begin();
    for (int64_t key = rows.first_block(); key < rows.keys_end(); key += kKeyBlock)
      rows.block(key, {packed_keys(head) + key / kernel.columns * key_stride, key_stride},
                 {packed_values(head) + key / kKeyBlock * value_block_units(), value_stride});
    write(rows, b, i, h);
  }
}

// To rows i .. of head h of sequence b.
void Forward::write(const AttentionRows& rows, int64_t b, int64_t i, int64_t h) const {
  const View &view = call.out, &lse = call.lse;
  const int64_t lse_at = (b * size.h + h) * size.t + i;
  softmax_write(rows.state, {rows.rows, size.d, rows.out, attention_out_stride(kernel, size.d),
                             HeadRows(view, b, h).at(i), view.dtype, view.strides[1],
                             lse.empty() ? nullptr : lse.as<float>() + lse_at});
}

}  // namespace

void attention_forward_with(const Microkernel& kernel, const Stream& stream, const Attention& call) {
  Forward forward(kernel, call);
  const AttentionSizes& size = forward.size;
  if (size.b == 0 || size.t == 0 || size.h == 0) return;
  thread_local Scratch<uint32_t> scratch;
  forward.packed = scratch.get(size.b * size.g * (forward.keys_units + forward.values_units));
  stream.pool->for_each(size.b * size.g, [&](size_t head) { forward.pack_head(head); });
  const int64_t tiles = (size.t + kTileQueries - 1) / kTileQueries;
  stream.pool->for_each(size.b * size.h * tiles, [&](size_t at) {
    const int64_t head = at / tiles, begin = at % tiles * kTileQueries;
    forward.tile(head / size.h, head % size.h, begin, std::min(begin + kTileQueries, size.t));
  });
}

void attention_forward(const Stream& stream, const Attention& call) {
  attention_forward_with(best_microkernel(call.q.dtype), stream, call);
}

}  // namespace aurora::kernels::cpu
