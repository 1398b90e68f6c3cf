// A product of packed panels that fits in a cache, as attention needs them.
#pragma once

#include <algorithm>

#include "aurora/kernels/cpu/microkernel.h"

namespace aurora::kernels::cpu {

// Panels of op(A): panel p's unit of row i, step s is at data[p * panel_stride + i * row_stride + s *
// step_stride]. Packed panels have row_stride 1; a row-major tile of units has step_stride 1.
struct RowPanels {
  const uint32_t* data;
  int64_t panel_stride, row_stride, step_stride;
};
struct ColumnPanels {
  const uint32_t* data;
  int64_t panel_stride;
};

// c[rows, columns] = (add ? c : 0) + a * b. Columns are rounded up to whole panels, and c must have room.
struct PanelProduct {
  int64_t rows, columns, steps;
  RowPanels a;
  ColumnPanels b;
  float* c;
  int64_t c_stride;
  bool add;
};

inline void multiply_panels(const Microkernel& kernel, const PanelProduct& p) {
  for (int64_t i = 0; i < p.rows; i += kernel.rows) {
    const uint32_t* a = p.a.data + i / kernel.rows * p.a.panel_stride;
    const int rows = static_cast<int>(std::min<int64_t>(kernel.rows, p.rows - i));
    for (int64_t j = 0; j < p.columns; j += kernel.columns) {
      kernel.run({rows, p.steps, a, p.a.row_stride, p.a.step_stride,
                  p.b.data + j / kernel.columns * p.b.panel_stride, p.c + i * p.c_stride + j, p.c_stride,
                  p.add});
    }
  }
}

}  // namespace aurora::kernels::cpu
