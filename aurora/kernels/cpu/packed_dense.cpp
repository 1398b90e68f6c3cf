#include "aurora/kernels/cpu/packed_dense.h"

#include <algorithm>
#include <cstring>

#include "aurora/kernels/cpu/gemm.h"
#include "aurora/kernels/cpu/scratch.h"
#include "aurora/kernels/shapes.h"

namespace aurora::kernels::cpu {
namespace {

using device::DType;

constexpr int64_t kTileRows = 96;           // a multiple of every microkernel's rows
constexpr int64_t kTileColumns = 256;       // at most
constexpr int64_t kTileBytes = 400 << 10;   // of panels, one depth block: they stay in L2
constexpr int64_t kFewRows = 96;            // up to here W is read once
constexpr int64_t kStreamBytes = 64 << 10;  // of W at least in a tile of few rows

// One product on its way.
struct Product {
  const Microkernel& kernel;
  void (*run)(const MicroProduct&);
  const PackedGemm& call;
  int64_t m, n, steps, block_steps;
  const std::byte* panels;
  int64_t panel_bytes, step_bytes;                // of W: from panel to panel, from step to step
  const uint32_t* a = nullptr;                    // rows, packed or as they are
  int64_t a_stride, a_row_stride, a_step_stride;  // units between packed panels, rows, steps

  void tile(int64_t row, int64_t rows, int64_t panel, int64_t count) const;
  void block(int64_t row, int64_t rows, int64_t panel, int64_t step, float* sum, int64_t sum_stride) const;
  void write(int64_t row, int64_t rows, int64_t panel, const float* sum, int64_t sum_stride) const;
};

// sum[rows, columns] (+)= the depth block at `step` of all these rows times one panel.
void Product::block(int64_t row, int64_t rows, int64_t panel, int64_t step, float* sum,
                    int64_t sum_stride) const {
  const std::byte* b = panels + panel * panel_bytes + step * step_bytes;
  for (int64_t i = row; i < row + rows; i += kernel.rows) {
    const int count = static_cast<int>(std::min<int64_t>(kernel.rows, m - i));
    run({count, std::min(block_steps, steps - step), a + i / kernel.rows * a_stride + step * a_step_stride,
         a_row_stride, a_step_stride, b, sum + (i - row) * sum_stride, sum_stride, step > 0});
  }
}

void Product::write(int64_t row, int64_t rows, int64_t panel, const float* sum, int64_t sum_stride) const {
  const View& c = call.c;
  const int64_t column = panel * kernel.columns;
  const int64_t offset = row * c.stride(0) + column;
  kernel.write({sum, sum_stride, static_cast<int>(rows),
                static_cast<int>(std::min<int64_t>(kernel.columns, n - column)), nullptr, 0,
                static_cast<char*>(c.data) + offset * static_cast<int64_t>(device::dtype_size(c.dtype)),
                c.dtype, c.stride(0)});
}

// C[row .. row + rows] of `count` panels. Rows meet a block of a panel while it is in the nearest cache.
void Product::tile(int64_t row, int64_t rows, int64_t panel, int64_t count) const {
  thread_local Scratch<float> scratch;
  const int64_t sum_stride = count * kernel.columns;
  float* sum = scratch.get(kTileRows * kTileColumns);
  for (int64_t step = 0; step < steps; step += block_steps) {
    for (int64_t p = 0; p < count; ++p)
      block(row, rows, panel + p, step, sum + p * kernel.columns, sum_stride);
  }
  for (int64_t p = 0; p < count; ++p) write(row, rows, panel + p, sum + p * kernel.columns, sum_stride);
}

// A as the microkernel wants it: a single row of whole units is used where it is.
void take_rows(Product& product, const Stream& stream) {
  const View& a = product.call.a;
  const Microkernel& kernel = product.kernel;
  const bool whole_units = a.dtype == kernel.unit && (kernel.unit == DType::kF32 || a.dim(1) % 2 == 0) &&
                           reinterpret_cast<uintptr_t>(a.data) % sizeof(uint32_t) == 0;
  if (product.m == 1 && whole_units) {
    product.a = static_cast<const uint32_t*>(a.data);
    product.a_row_stride = 0;
    product.a_step_stride = 1;
    product.a_stride = 0;
    return;
  }
  thread_local Scratch<uint32_t> scratch;
  const int64_t groups = (product.m + kernel.rows - 1) / kernel.rows;
  product.a_stride = kernel.panel_stride(a.dim(1), kernel.rows);
  product.a_row_stride = 1;
  product.a_step_stride = kernel.rows;
  uint32_t* packed = scratch.get(groups * product.a_stride);
  product.a = packed;
  const int64_t element = static_cast<int64_t>(device::dtype_size(a.dtype));
  stream.pool->for_each(groups, [&](size_t group) {
    const int64_t row = static_cast<int64_t>(group) * kernel.rows;
    kernel.pack({static_cast<const char*>(a.data) + row * a.stride(0) * element, a.dtype, a.stride(0), true,
                 std::min<int64_t>(kernel.rows, product.m - row), a.dim(1)},
                kernel.rows, packed + group * product.a_stride, product.a_stride);
  });
}

}  // namespace

DenseForm::DenseForm(const Microkernel& kernel, DType act)
    : kernel_(kernel), bf16_columns_(act == DType::kBF16 && kernel.unit == DType::kF32) {}

size_t DenseForm::panel_bytes(int64_t k) const {
  if (!bf16_columns_) return kernel_.panel_stride(k, kernel_.columns) * sizeof(uint32_t);
  return (k * kernel_.columns * sizeof(device::bf16) + 63) / 64 * 64;
}

void DenseForm::pack(const PackSpec& spec, const StoredRows& rows, std::byte* panel) const {
  if (!bf16_columns_) {
    const int64_t stride = rows.stride / static_cast<int64_t>(device::dtype_size(spec.act));
    return kernel_.pack({rows.data, spec.act, stride, true, rows.count, spec.k}, kernel_.columns,
                        reinterpret_cast<uint32_t*>(panel), 0);
  }
  constexpr int64_t kBlock = 32;  // a cache line of every row
  auto* to = reinterpret_cast<device::bf16*>(panel);
  for (int64_t begin = 0; begin < spec.k; begin += kBlock) {
    const int64_t end = std::min(begin + kBlock, spec.k);
    for (int i = 0; i < kernel_.columns; ++i) {
      const auto* row = reinterpret_cast<const device::bf16*>(rows.data + i * rows.stride);
      for (int64_t k = begin; k < end; ++k)
        to[k * kernel_.columns + i] = i < rows.count ? row[k] : device::bf16{};
    }
  }
}

void DenseForm::unpack(const PackSpec& spec, const std::byte* panel, int64_t column, std::byte* row) const {
  if (spec.act == DType::kF32 || bf16_columns_) {
    const size_t element = device::dtype_size(spec.act);
    for (int64_t k = 0; k < spec.k; ++k)
      std::memcpy(row + k * element, panel + (k * kernel_.columns + column) * element, element);
    return;
  }
  // Pairs of bf16.
  const auto* units = reinterpret_cast<const uint32_t*>(panel) + column;
  for (int64_t k = 0; k < spec.k; k += 2)
    std::memcpy(row + k * 2, units + k / 2 * kernel_.columns, k + 1 < spec.k ? 4 : 2);
}

void DenseForm::multiply(const Stream& stream, const PackedGemm& call) const {
  const auto [m, n, k] = packed_gemm_sizes(call);
  if (m == 0) return;
  const int64_t columns = kernel_.columns, panel_count = (n + columns - 1) / columns;
  Product product{kernel_,
                  bf16_columns_ ? kernel_.run_bf16_columns : kernel_.run,
                  call,
                  m,
                  n,
                  kernel_.steps(k),
                  kernel_.steps(kGemmDepthBlock),
                  call.weight->panels(),
                  static_cast<int64_t>(panel_bytes(k)),
                  columns * (bf16_columns_ ? 2 : 4),
                  nullptr,
                  0,
                  0,
                  0};
  take_rows(product, stream);
  const bool few = m <= kFewRows;
  const int64_t block_bytes = std::min(product.steps, product.block_steps) * product.step_bytes;
  const int64_t width =
      few ? std::clamp<int64_t>(kStreamBytes / product.panel_bytes, 1, kTileColumns / columns)
          : std::clamp<int64_t>(kTileBytes / block_bytes, 2, kTileColumns / columns);
  const int64_t column_tiles = (panel_count + width - 1) / width, row_tiles = (m + kTileRows - 1) / kTileRows;
  stream.pool->for_each(column_tiles * row_tiles, [&](size_t at) {
    const int64_t panel = static_cast<int64_t>(at) / row_tiles * width;
    const int64_t row = static_cast<int64_t>(at) % row_tiles * kTileRows;
    product.tile(row, std::min(kTileRows, m - row), panel, std::min(width, panel_count - panel));
  });
}

std::vector<const PackedForm*> usable_dense_forms(DType act) {
  const auto make = [](DType dtype) {
    std::vector<DenseForm> forms;
    for (const Microkernel* kernel : usable_microkernels(dtype)) forms.emplace_back(*kernel, dtype);
    return forms;
  };
  static const std::vector<DenseForm> f32 = make(DType::kF32), bf16 = make(DType::kBF16);
  std::vector<const PackedForm*> usable;
  for (const DenseForm& form : act == DType::kBF16 ? bf16 : f32) usable.push_back(&form);
  return usable;
}

}  // namespace aurora::kernels::cpu
