#include "aurora/kernels/packed.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>

#include "aurora/base/error.h"
#include "aurora/kernels/cpu/packed_form.h"
#include "aurora/kernels/cpu/scratch.h"
#include "aurora/kernels/quant_blocks.h"

namespace aurora::kernels {
namespace {

void check_spec(const PackSpec& spec) {
  AURORA_CHECK(spec.n >= 1 && spec.k >= 1, "a weight has rows and columns");
  AURORA_CHECK(spec.act == device::DType::kF32 || spec.act == device::DType::kBF16, "act is bf16 or f32");
  if (spec.format != PackFormat::kDense && spec.k % kPackGroup != 0) {
    throw Error(fmt::format("a weight of {} columns cannot be packed in groups of {}", spec.k, kPackGroup),
                fmt::format("[{}, {}]", spec.n, spec.k), "keep this weight in bf16 or f32");
  }
}

}  // namespace

int64_t PackSpec::row_bytes() const {
  switch (format) {
    case PackFormat::kDense:
      return k * static_cast<int64_t>(device::dtype_size(act));
    case PackFormat::kInt8:
      return k / kPackGroup * static_cast<int64_t>(sizeof(Q8Block));
    case PackFormat::kInt4:
      return k / kPackGroup * static_cast<int64_t>(sizeof(Q4Block));
  }
  return 0;
}

void PackedWeight::unpack_rows(int64_t row, int64_t count, void* out) const {
  AURORA_CHECK(row >= 0 && count >= 0 && row + count <= n(), "rows of the weight");
  const int64_t columns = form_->columns(), row_bytes = spec_.row_bytes();
  const size_t panel_bytes = form_->panel_bytes(k());
  auto* to = static_cast<std::byte*>(out);
  for (int64_t i = row; i < row + count; ++i, to += row_bytes)
    form_->unpack(spec_, panels() + i / columns * panel_bytes, i % columns, to);
}

QuantisedGroup quantise_group(const float* x) {
  uint32_t largest = 0;  // magnitudes in order as integers: a NaN is above infinity
  for (int i = 0; i < kPackGroup; ++i)
    largest = std::max(largest, std::bit_cast<uint32_t>(x[i]) & 0x7fffffff);
  QuantisedGroup group{};
  const float m = std::bit_cast<float>(largest);
  if (largest >= 0x7f800000) {
    group.d = std::numeric_limits<float>::quiet_NaN();
  } else if (m >= 0x1p-100f) {
    const float inverse = 127.0f / m;
    for (int i = 0; i < kPackGroup; ++i) group.q[i] = static_cast<int8_t>(std::nearbyint(x[i] * inverse));
    group.d = m / 127.0f;
  }
  return group;
}

PackedWeight pack_weight_as(const cpu::PackedForm& form, const PackSpec& spec, const ReadRows& read_rows,
                            Pool& pool) {
  check_spec(spec);
  const int64_t columns = form.columns(), row_bytes = spec.row_bytes();
  const size_t panel_bytes = form.panel_bytes(spec.k);
  const int64_t panels = (spec.n + columns - 1) / columns;
  PackedWeight weight;
  weight.spec_ = spec;
  weight.form_ = &form;
  weight.panels_ = device::Buffer(panels * panel_bytes);
  auto* to = static_cast<std::byte*>(weight.panels_.data());
  pool.for_each(panels, [&](size_t panel) {
    thread_local cpu::Scratch<std::byte> scratch;
    std::byte* rows = scratch.get(columns * row_bytes);
    const int64_t row = static_cast<int64_t>(panel) * columns, count = std::min(columns, spec.n - row);
    read_rows(row, count, rows);
    form.pack(spec, {rows, row_bytes, count}, to + panel * panel_bytes);
  });
  return weight;
}

PackedWeight pack_weight(const PackSpec& spec, const ReadRows& read_rows, Pool& pool) {
  return pack_weight_as(*cpu::usable_forms(spec.format, spec.act).front(), spec, read_rows, pool);
}

PackedWeight pack_weight(const device::View& rows, Pool& pool) {
  AURORA_CHECK(rows.rank == 2 && (rows.stride(1) == 1 || rows.dim(1) == 1), "a weight is a matrix [N, K]");
  const PackSpec spec{rows.dim(0), rows.dim(1), PackFormat::kDense, rows.dtype};
  const int64_t row_bytes = spec.row_bytes();
  const int64_t stride = rows.stride(0) * static_cast<int64_t>(device::dtype_size(rows.dtype));
  const auto* from = static_cast<const std::byte*>(rows.data);
  return pack_weight(
      spec,
      [&](int64_t row, int64_t count, void* out) {
        for (int64_t i = 0; i < count; ++i)
          std::memcpy(static_cast<std::byte*>(out) + i * row_bytes, from + (row + i) * stride, row_bytes);
      },
      pool);
}

}  // namespace aurora::kernels
