// How a product of packed weights is cut into tiles of work, for every format alike.
//
// Up to kFewRows rows a tile is a few panels, through which all rows go before the next: W is read from
// memory once. More rows are cut into tiles that stay in L2. Within a tile the summed axis goes block by
// block, so that rows meet a block of a panel while it is in the nearest cache.
#pragma once

#include <algorithm>

#include "aurora/kernels/cpu/microkernel.h"
#include "aurora/kernels/cpu/scratch.h"
#include "aurora/kernels/kernels.h"

namespace aurora::kernels::cpu {

struct PackedTiles {
  View c;  // [M, N]
  void (*write)(const TileOut&);
  int64_t columns;                   // of a panel
  int64_t panel_bytes, block_bytes;  // of a panel and of one depth block of it
  int64_t depth_blocks;

  static constexpr int64_t kTileRows = 96;          // a multiple of every kernel's rows
  static constexpr int64_t kTileColumns = 256;      // at most
  static constexpr int64_t kTileBytes = 400 << 10;  // of depth blocks of panels
  static constexpr int64_t kFewRows = 96;
  static constexpr int64_t kStreamBytes = 64 << 10;  // of panels at least in a tile of few rows
};

// Where the sums of a tile's rows and one panel's columns are gathered.
struct PanelSums {
  int64_t row, rows, panel;
  float* sum;  // [rows, stride], the panel's columns of it
  int64_t stride;
};

inline void write_sums(const PackedTiles& tiles, const PanelSums& from) {
  const View& c = tiles.c;
  const int64_t column = from.panel * tiles.columns;
  const int64_t offset = from.row * c.stride(0) + column;
  tiles.write({from.sum, from.stride, static_cast<int>(from.rows),
               static_cast<int>(std::min(tiles.columns, c.dim(1) - column)), nullptr, 0,
               static_cast<char*>(c.data) + offset * static_cast<int64_t>(device::dtype_size(c.dtype)),
               c.dtype, c.stride(0)});
}

// Calls multiply(PanelSums, depth_block) for every tile's panels and blocks, blocks in ascending order, and
// writes the sums to C.
template <typename Multiply>
void for_packed_tiles(const Stream& stream, const PackedTiles& tiles, const Multiply& multiply) {
  using T = PackedTiles;
  const int64_t m = tiles.c.dim(0), panels = (tiles.c.dim(1) + tiles.columns - 1) / tiles.columns;
  const int64_t most = T::kTileColumns / tiles.columns;
  const int64_t width = m <= T::kFewRows ? std::clamp<int64_t>(T::kStreamBytes / tiles.panel_bytes, 1, most)
                                         : std::clamp<int64_t>(T::kTileBytes / tiles.block_bytes, 2, most);
  const int64_t row_tiles = (m + T::kTileRows - 1) / T::kTileRows;
  stream.pool->for_each((panels + width - 1) / width * row_tiles, [&](size_t at) {
    thread_local Scratch<float> scratch;
    float* sum = scratch.get(T::kTileRows * T::kTileColumns);
    const int64_t row = static_cast<int64_t>(at) % row_tiles * T::kTileRows;
    const int64_t rows = std::min(T::kTileRows, m - row);
    const int64_t panel = static_cast<int64_t>(at) / row_tiles * width,
                  count = std::min(width, panels - panel);
    const auto sums_of = [&](int64_t p) {
      return PanelSums{row, rows, panel + p, sum + p * tiles.columns, count * tiles.columns};
    };
    for (int64_t block = 0; block < tiles.depth_blocks; ++block)
      for (int64_t p = 0; p < count; ++p) multiply(sums_of(p), block);
    for (int64_t p = 0; p < count; ++p) write_sums(tiles, sums_of(p));
  });
}

}  // namespace aurora::kernels::cpu
