#include "aurora/kernels/cpu/packed_dense.h"

#include <algorithm>
#include <cstring>

#include "aurora/kernels/cpu/gemm.h"
#include "aurora/kernels/cpu/packed_tiles.h"
#include "aurora/kernels/cpu/scratch.h"
#include "aurora/kernels/shapes.h"

namespace aurora::kernels::cpu {
namespace {

using device::DType;

// A as a microkernel takes it.
struct Rows {
  const uint32_t* data;
  int64_t panel_stride, row_stride, step_stride;  // units between packed panels, rows, steps
};

// A single row of whole units is used where it is.
Rows take_rows(const Microkernel& kernel, const Stream& stream, const View& a) {
  const int64_t m = a.dim(0), k = a.dim(1);
  const bool whole_units = a.dtype == kernel.unit && (kernel.unit == DType::kF32 || k % 2 == 0) &&
                           reinterpret_cast<uintptr_t>(a.data) % sizeof(uint32_t) == 0;
  if (m == 1 && whole_units) return {static_cast<const uint32_t*>(a.data), 0, 0, 1};
  thread_local Scratch<uint32_t> scratch;
  const int64_t groups = (m + kernel.rows - 1) / kernel.rows, stride = kernel.panel_stride(k, kernel.rows);
  const int64_t element = static_cast<int64_t>(device::dtype_size(a.dtype));
  uint32_t* packed = scratch.get(groups * stride);
  stream.pool->for_each(groups, [&](size_t group) {
    const int64_t row = static_cast<int64_t>(group) * kernel.rows;
    kernel.pack({static_cast<const char*>(a.data) + row * a.stride(0) * element, a.dtype, a.stride(0), true,
                 std::min<int64_t>(kernel.rows, m - row), k},
                kernel.rows, packed + group * stride, stride);
  });
  return {packed, stride, 1, kernel.rows};
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
  const int64_t steps = kernel_.steps(k), block_steps = kernel_.steps(kGemmDepthBlock);
  const int64_t step_bytes =
      columns() * static_cast<int64_t>(bf16_columns_ ? sizeof(device::bf16) : sizeof(uint32_t));
  const PackedTiles tiles{call.c,
                          kernel_.write,
                          columns(),
                          static_cast<int64_t>(panel_bytes(k)),
                          std::min(steps, block_steps) * step_bytes,
                          (steps + block_steps - 1) / block_steps};
  const auto run = bf16_columns_ ? kernel_.run_bf16_columns : kernel_.run;
  const Rows a = take_rows(kernel_, stream, call.a);
  for_packed_tiles(stream, tiles, [&](const PanelSums& to, int64_t block) {
    const int64_t step = block * block_steps;
    const std::byte* b = call.weight->panels() + to.panel * tiles.panel_bytes + step * step_bytes;
    for (int64_t i = to.row; i < to.row + to.rows; i += kernel_.rows) {
      const int count = static_cast<int>(std::min<int64_t>(kernel_.rows, m - i));
      run({count, std::min(block_steps, steps - step),
           a.data + i / kernel_.rows * a.panel_stride + step * a.step_stride, a.row_stride, a.step_stride, b,
           to.sum + (i - to.row) * to.stride, to.stride, block > 0});
    }
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
