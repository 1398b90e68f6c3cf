// One head of a [B, T, heads, D] view as a matrix [T, D].
#pragma once

#include <utility>

#include "aurora/kernels/cpu/microkernel.h"

namespace aurora::kernels::cpu {

inline int64_t round_up(int64_t value, int64_t unit) {
  return (value + unit - 1) / unit * unit;
}

class HeadRows {
 public:
  HeadRows(const device::View& view, int64_t b, int64_t head)
      : dtype_(view.dtype),
        stride_(view.strides[1]),
        data_(static_cast<char*>(view.data) + (b * view.strides[0] + head * view.strides[2]) *
                                                  static_cast<int64_t>(dtype_size(view.dtype))) {}

  // Rows [begin, begin + count) of width d, the product's sum running along d ...
  PackSource rows_along_depth(int64_t begin, int64_t count, int64_t d) const {
    return {at(begin), dtype_, stride_, true, count, d};
  }
  // ... or along the rows.
  PackSource depth_along_rows(int64_t begin, int64_t count, int64_t d) const {
    return {at(begin), dtype_, stride_, false, d, count};
  }
  void* at(int64_t row) const { return data_ + row * stride_ * static_cast<int64_t>(dtype_size(dtype_)); }

 private:
  device::DType dtype_;
  int64_t stride_;
  char* data_;
};

}  // namespace aurora::kernels::cpu
