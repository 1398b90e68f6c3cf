// Plain C++ parts of the microkernels, inlined into functions that are compiled for one instruction set.
#pragma once

#include <cstring>

#include "aurora/kernels/cpu/microkernel.h"

namespace aurora::kernels::cpu {

template <typename T>
[[gnu::always_inline]] inline void pack_f32_from(const PackSource& source, int width, uint32_t* panels,
                                                 int64_t panel_stride) {
  const T* data = static_cast<const T*>(source.data);
  for (int64_t begin = 0, p = 0; begin < source.outer; begin += width, ++p) {
    float* panel = reinterpret_cast<float*>(panels + p * panel_stride);
    const int count = static_cast<int>(std::min<int64_t>(width, source.outer - begin));
    if (count < width) std::memset(panel, 0, sizeof(float) * width * source.depth);
    if (source.depth_is_contiguous) {
      for (int i = 0; i < count; ++i)
        for (int64_t k = 0; k < source.depth; ++k)
          panel[k * width + i] = static_cast<float>(data[(begin + i) * source.stride + k]);
    } else {
      for (int64_t k = 0; k < source.depth; ++k)
        for (int i = 0; i < count; ++i)
          panel[k * width + i] = static_cast<float>(data[k * source.stride + begin + i]);
    }
  }
}

// Microkernel::pack of the kernels whose step is one f32: bf16 is widened.
[[gnu::always_inline]] inline void pack_f32(const PackSource& source, int width, uint32_t* panels,
                                            int64_t panel_stride) {
  if (source.dtype == device::DType::kBF16)
    pack_f32_from<device::bf16>(source, width, panels, panel_stride);
  else
    pack_f32_from<float>(source, width, panels, panel_stride);
}

template <typename T>
[[gnu::always_inline]] inline void write_tile_as(const TileOut& t) {
  for (int i = 0; i < t.rows; ++i) {
    const float* from = t.tile + i * t.tile_stride;
    T* to = static_cast<T*>(t.out) + i * t.out_stride;
    if (t.addend) {
      const float* addend = t.addend + i * t.addend_stride;
      for (int j = 0; j < t.columns; ++j) to[j] = T(addend[j] + from[j]);
    } else {
      for (int j = 0; j < t.columns; ++j) to[j] = T(from[j]);
    }
  }
}

[[gnu::always_inline]] inline void write_tile(const TileOut& tile) {
  if (tile.out_dtype == device::DType::kBF16)
    write_tile_as<device::bf16>(tile);
  else
    write_tile_as<float>(tile);
}

// Calls product<rows>(p) for a row count known only at run time.
template <int kRows, template <int> class Product>
inline void dispatch_rows(const MicroProduct& p) {
  if (p.rows == kRows)
    Product<kRows>::run(p);
  else if constexpr (kRows > 1)
    dispatch_rows<kRows - 1, Product>(p);
}

}  // namespace aurora::kernels::cpu
