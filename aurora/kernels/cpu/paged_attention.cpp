#include "aurora/kernels/cpu/paged_attention.h"

#include <cstring>
#include <vector>

#include "aurora/kernels/cpu/attention_rows.h"
#include "aurora/kernels/cpu/page_layout.h"
#include "aurora/kernels/cpu/scratch.h"
#include "aurora/kernels/shapes.h"

namespace aurora::kernels::cpu {
namespace {

constexpr int64_t kTileRows = 96;  // pairs of a position and a query head

// Some rows of a sequence that share a key/value head: rows [begin, end) of [positions, H/G].
struct Tile {
  const PagedSequence* sequence;
  int64_t head, begin, end;
};

class Paged {
 public:
  Paged(const Microkernel& kernel, const PagedAttention& call)
      : kernel_(kernel),
        call_(call),
        size_(paged_sizes(call)),
        group_(size_.h / size_.g),
        element_(static_cast<int64_t>(dtype_size(call.qkv.dtype))),
        layout_(kernel, call.store.shape) {
    AURORA_CHECK_LE(layout_.page_bytes(), call.store.stride);
  }
  void run(const Stream& stream) const;

 private:
  bool is_one_tile(const PagedSequence& sequence) const { return sequence.rows * group_ <= kTileRows; }
  char* page(const PagedSequence& sequence, int64_t position) const {
    return call_.store.data + sequence.pages[position / kPageTokens] * call_.store.stride;
  }
  const char* head_of(int64_t row, int64_t head) const {
    return static_cast<const char*>(call_.qkv.data) + (row * call_.qkv.stride(0) + head * size_.d) * element_;
  }
  void store(const PagedSequence& sequence, int64_t head, int64_t begin, int64_t end) const;
  void attend(const Tile& tile) const;
  void attend_rows(const Tile& tile, AttentionRows& rows) const;
  void write(const Tile& tile, const AttentionRows& rows, char* scratch) const;

  const Microkernel& kernel_;
  const PagedAttention& call_;
  PagedSizes size_;
  int64_t group_, element_;
  PageLayout layout_;
};

// Keys and values of rows [begin, end) of the sequence.
void Paged::store(const PagedSequence& sequence, int64_t head, int64_t begin, int64_t end) const {
  for (int64_t i = begin; i < end; ++i) {
    const int64_t row = sequence.row + i, position = sequence.begin + i;
    layout_.store(page(sequence, position), head, position % kPageTokens, head_of(row, size_.h + head),
                  head_of(row, size_.h + size_.g + head));
  }
}

void Paged::attend_rows(const Tile& tile, AttentionRows& rows) const {
  thread_local Scratch<uint32_t> panel_scratch;
  uint32_t* scratch = panel_scratch.get(layout_.scratch_units());
  rows.begin();
  for (int64_t key = rows.first_block(); key < rows.keys_end(); key += kKeyBlock) {
    const HeadPanels panels = layout_.panels(page(*tile.sequence, key), tile.head, scratch);
    rows.block(key, panels.keys, panels.values);
  }
}

// Rows from tile.begin on.
void Paged::write(const Tile& tile, const AttentionRows& rows, char* scratch) const {
  softmax_write(rows.state, {rows.rows, size_.d, rows.out, attention_out_stride(kernel_, size_.d), scratch,
                             call_.out.dtype, size_.d, nullptr});
  for (int r = 0; r < rows.rows; ++r) {
    const int64_t row = tile.sequence->row + (tile.begin + r) / group_;
    const int64_t head = tile.head * group_ + (tile.begin + r) % group_;
    std::memcpy(static_cast<char*>(call_.out.data) + (row * call_.out.stride(0) + head * size_.d) * element_,
                scratch + r * size_.d * element_, static_cast<size_t>(size_.d * element_));
  }
}

void Paged::attend(const Tile& tile) const {
  thread_local Scratch<uint32_t> query_scratch;
  thread_local Scratch<float> out_scratch;
  thread_local Scratch<char> row_scratch;
  const int64_t stride = kernel_.panel_stride(size_.d, kernel_.rows);
  uint32_t* queries = query_scratch.get(stride);
  float* out = out_scratch.get(kQueryRows * attention_out_stride(kernel_, size_.d));
  char* gathered = row_scratch.get(kQueryRows * size_.d * element_);
  for (Tile at = tile; at.begin < tile.end; at.begin += kernel_.rows) {
    AttentionRows rows{kernel_, static_cast<int>(std::min<int64_t>(kernel_.rows, tile.end - at.begin)),
                       size_.d, queries, out};
    for (int r = 0; r < rows.rows; ++r) {
      const int64_t i = (at.begin + r) / group_, row = tile.sequence->row + i;
      rows.first[r] = call_.first_key.as<int32_t>()[row];
      rows.last[r] = tile.sequence->begin + i;
      std::memcpy(gathered + r * size_.d * element_,
                  head_of(row, tile.head * group_ + (at.begin + r) % group_),
                  static_cast<size_t>(size_.d * element_));
    }
    kernel_.pack({gathered, call_.qkv.dtype, size_.d, true, rows.rows, size_.d}, kernel_.rows, queries,
                 stride);
    attend_rows(at, rows);
    write(at, rows, gathered);
  }
}

void Paged::run(const Stream& stream) const {
  std::vector<Tile> tiles, long_stores;
  for (const PagedSequence& sequence : call_.sequences) {
    const int64_t rows = sequence.rows * group_, first_page = sequence.begin / kPageTokens;
    const int64_t pages = (sequence.begin + sequence.rows - 1) / kPageTokens - first_page + 1;
    for (int64_t head = 0; head < size_.g; ++head) {
      for (int64_t begin = 0; begin < rows; begin += kTileRows)
        tiles.push_back({&sequence, head, begin, std::min(begin + kTileRows, rows)});
      for (int64_t p = 0; p < pages && !is_one_tile(sequence); ++p) {
        const int64_t from = (first_page + p) * kPageTokens - sequence.begin;
        long_stores.push_back({&sequence, head, std::max<int64_t>(from, 0),
                               std::min<int64_t>(from + kPageTokens, sequence.rows)});
      }
    }
  }
  stream.pool->for_each(long_stores.size(), [&](size_t i) {
    store(*long_stores[i].sequence, long_stores[i].head, long_stores[i].begin, long_stores[i].end);
  });
  stream.pool->for_each(tiles.size(), [&](size_t i) {
    const Tile& tile = tiles[i];
    if (is_one_tile(*tile.sequence)) store(*tile.sequence, tile.head, 0, tile.sequence->rows);
    attend(tile);
  });
}

}  // namespace

int64_t page_bytes_with(const Microkernel& kernel, const PageShape& shape) {
  return PageLayout(kernel, shape).page_bytes();
}

void paged_attention_with(const Microkernel& kernel, const Stream& stream, const PagedAttention& call) {
  Paged(kernel, call).run(stream);
}

int64_t page_bytes(const PageShape& shape) {
  return page_bytes_with(best_microkernel(shape.act), shape);
}

void paged_attention(const Stream& stream, const PagedAttention& call) {
  paged_attention_with(best_microkernel(call.qkv.dtype), stream, call);
}

}  // namespace aurora::kernels::cpu
