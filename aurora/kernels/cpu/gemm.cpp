#include "aurora/kernels/cpu/gemm.h"

#include <algorithm>
#include <cstring>

#include "aurora/kernels/cpu/scratch.h"
#include "aurora/kernels/shapes.h"

namespace aurora::kernels::cpu {
namespace {

constexpr int64_t kTileRows = 96;                   // a multiple of every microkernel's rows
constexpr int64_t kTileBytes = 400 << 10;           // packed columns of a tile: they stay in L2
constexpr int64_t kFewRows = 96;                    // up to here columns are packed where they are used
constexpr int64_t kPackedBytes = int64_t{8} << 20;  // packed columns of a pass: they stay in L3
constexpr int kTileFloats = 12 * 32;                // the largest microkernel's tile

int64_t round_up(int64_t value, int64_t unit) {
  return (value + unit - 1) / unit * unit;
}

// Where outer index `begin` of an operand starts.
const void* at(const View& matrix, int64_t begin, bool depth_is_contiguous) {
  const int64_t offset = depth_is_contiguous ? begin * matrix.stride(0) : begin;
  return static_cast<const char*>(matrix.data) + offset * device::dtype_size(matrix.dtype);
}

// One gemm on its way: the packed form of op(A), and what the tiles need to know.
struct Product {
  const Microkernel& kernel;
  const Gemm& call;
  int64_t m, n, k;
  int64_t a_stride, b_stride;  // units between panels
  int64_t tile_columns;
  uint32_t* packed_a = nullptr;

  void pack_rows(int64_t begin, int64_t count) const {
    const View& a = call.a;
    kernel.pack({at(a, begin, !call.transpose_a), a.dtype, a.stride(0), !call.transpose_a, count, k},
                kernel.rows, packed_a + begin / kernel.rows * a_stride, a_stride);
  }
  void pack_columns(int64_t begin, int64_t count, uint32_t* to) const {
    const View& b = call.b;
    kernel.pack({at(b, begin, call.transpose_b), b.dtype, b.stride(0), call.transpose_b, count, k},
                kernel.columns, to, b_stride);
  }
  void tile(int64_t row, int64_t rows, int64_t column, int64_t columns, const uint32_t* packed_b) const;
};

// C[row .. row + rows, column .. column + columns] from the panels of those columns.
void Product::tile(int64_t row, int64_t rows, int64_t column, int64_t columns,
                   const uint32_t* packed_b) const {
  const int64_t block_steps = kernel.steps(kGemmDepthBlock), steps = kernel.steps(k);
  alignas(64) float sum[kTileFloats];
  for (int64_t i = row; i < row + rows; i += kernel.rows) {
    const uint32_t* a = packed_a + i / kernel.rows * a_stride;
    const int count = static_cast<int>(std::min<int64_t>(kernel.rows, m - i));
    for (int64_t j = column; j < column + columns; j += kernel.columns) {
      const uint32_t* b = packed_b + (j - column) / kernel.columns * b_stride;
      const View& c = call.c;
      const int64_t element = device::dtype_size(c.dtype), row_bytes = c.stride(0) * element;
      char* out = static_cast<char*>(c.data) + i * row_bytes + j * element;
      // C comes from far and is wanted only at the end: ask for it now.
      for (int r = 0; r < count; ++r)
        for (int64_t line = 0; line < kernel.columns * element; line += 64)
          __builtin_prefetch(out + r * row_bytes + line, 1);
      for (int64_t s = 0; s < steps; s += block_steps) {
        kernel.run({count, std::min(block_steps, steps - s), a + s * kernel.rows, 1, kernel.rows,
                    b + s * kernel.columns, sum, kernel.columns, s > 0});
      }
      kernel.write({sum, kernel.columns, count, static_cast<int>(std::min<int64_t>(kernel.columns, n - j)),
                    call.accumulate ? reinterpret_cast<float*>(out) : nullptr, c.stride(0), out, c.dtype,
                    c.stride(0)});
    }
  }
}

void zero(const View& c) {
  for (int64_t i = 0; i < c.dim(0); ++i)
    std::memset(static_cast<char*>(c.data) + i * c.stride(0) * device::dtype_size(c.dtype), 0,
                c.dim(1) * device::dtype_size(c.dtype));
}

// Few rows: no column is used twice, so each tile packs its own.
void multiply_few_rows(const Product& product, Pool& pool) {
  const int64_t width = round_up(64, product.kernel.columns);
  pool.for_each((product.n + width - 1) / width, [&](size_t tile) {
    thread_local Scratch<uint32_t> scratch;
    const int64_t column = static_cast<int64_t>(tile) * width;
    const int64_t columns = std::min(width, product.n - column);
    uint32_t* packed = scratch.get(width / product.kernel.columns * product.b_stride);
    product.pack_columns(column, columns, packed);
    product.tile(0, product.m, column, columns, packed);
  });
}

void multiply(const Product& product, Pool& pool) {
  const int64_t width = product.tile_columns, panels_per_tile = width / product.kernel.columns;
  const int64_t tile_units = panels_per_tile * product.b_stride;
  const int64_t tiles_per_pass = std::max<int64_t>(1, kPackedBytes / 4 / tile_units);
  const int64_t column_tiles = (product.n + width - 1) / width;
  const int64_t row_tiles = (product.m + kTileRows - 1) / kTileRows;
  thread_local Scratch<uint32_t> scratch;
  uint32_t* packed = scratch.get(std::min(tiles_per_pass, column_tiles) * tile_units);
  for (int64_t first = 0; first < column_tiles; first += tiles_per_pass) {
    const int64_t tiles = std::min(tiles_per_pass, column_tiles - first);
    const auto columns_of = [&](int64_t tile) { return std::min(width, product.n - (first + tile) * width); };
    pool.for_each(tiles, [&](size_t tile) {
      product.pack_columns((first + tile) * width, columns_of(tile), packed + tile * tile_units);
    });
    pool.for_each(tiles * row_tiles, [&](size_t at) {
      const int64_t tile = at / row_tiles, row = at % row_tiles * kTileRows;
      product.tile(row, std::min(kTileRows, product.m - row), (first + tile) * width, columns_of(tile),
                   packed + tile * tile_units);
    });
  }
}

}  // namespace

void gemm_with(const Microkernel& kernel, const Stream& stream, const Gemm& call) {
  const auto [m, n, k] = gemm_sizes(call);
  if (m == 0 || n == 0) return;
  if (k == 0) {
    if (!call.accumulate) zero(call.c);
    return;
  }
  Product product{
      kernel, call, m, n, k, kernel.panel_stride(k, kernel.rows), kernel.panel_stride(k, kernel.columns), 0};
  const int64_t tile_panels = std::clamp<int64_t>(kTileBytes / 4 / product.b_stride, 2, 256 / kernel.columns);
  product.tile_columns = tile_panels * kernel.columns;

  thread_local Scratch<uint32_t> scratch;
  product.packed_a = scratch.get((m + kernel.rows - 1) / kernel.rows * product.a_stride);
  stream.pool->for_each((m + kTileRows - 1) / kTileRows, [&](size_t tile) {
    const int64_t row = static_cast<int64_t>(tile) * kTileRows;
    product.pack_rows(row, std::min(kTileRows, m - row));
  });
  if (m <= kFewRows)
    multiply_few_rows(product, *stream.pool);
  else
    multiply(product, *stream.pool);
}

void gemm(const Stream& stream, const Gemm& call) {
  gemm_with(best_microkernel(call.a.dtype), stream, call);
}

}  // namespace aurora::kernels::cpu
