// Fixed tiles of work for the pool: their size follows from the shape, never from the number of threads.
#pragma once

#include <algorithm>
#include <cstdint>

#include "aurora/device/stream.h"

namespace aurora::kernels::cpu {

// Calls fn(begin, end) for the tiles [0, tile), [tile, 2 tile) ... of [0, count).
template <typename Fn>
void for_tiles(const device::Stream& stream, int64_t count, int64_t tile, const Fn& fn) {
  if (count <= 0) return;
  if (count <= tile) return fn(int64_t{0}, count);
  stream.pool->for_each(static_cast<size_t>((count + tile - 1) / tile), [&](size_t index) {
    const int64_t begin = static_cast<int64_t>(index) * tile;
    fn(begin, std::min(begin + tile, count));
  });
}

// Rows per tile, so that a tile is some 10 us of work.
inline int64_t rows_per_tile(int64_t width) {
  return std::max<int64_t>(1, 32768 / std::max<int64_t>(1, width));
}

}  // namespace aurora::kernels::cpu
