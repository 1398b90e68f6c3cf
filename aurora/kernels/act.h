// For kernel sources only: elements of the compute dtype as numbers, and rows of a view.
#pragma once

#include "aurora/base/check.h"
#include "aurora/device/view.h"

namespace aurora::kernels {

using device::bf16;
using device::DType;
using device::View;

constexpr float to_float(float value) {
  return value;
}
constexpr float to_float(bf16 value) {
  return static_cast<float>(value);
}
template <typename T>
constexpr T from_float(float value) {
  return static_cast<T>(value);
}

// Calls fn(T{}) with T the element type of an act view: float or bf16.
template <typename Fn>
void for_act(DType dtype, Fn&& fn) {
  AURORA_CHECK(dtype == DType::kF32 || dtype == DType::kBF16, "{} is no compute dtype",
               device::dtype_name(dtype));
  if (dtype == DType::kF32)
    fn(float{});
  else
    fn(bf16{});
}

template <typename T>
T* row(const View& view, int64_t r) {
  return view.as<T>() + r * view.strides[0];
}

// A [rows, columns] view of the dtype, with any row stride.
inline void check_matrix(const View& view, DType dtype, int64_t rows, int64_t columns) {
  AURORA_CHECK(view.rank == 2 && view.dtype == dtype, "wants a {} matrix", device::dtype_name(dtype));
  AURORA_CHECK(view.shape[0] == rows && view.shape[1] == columns && view.strides[1] == 1,
               "wants [{}, {}], got [{}, {}]", rows, columns, view.shape[0], view.shape[1]);
}

// A contiguous view of `count` elements of the dtype, of any rank.
inline void check_vector(const View& view, DType dtype, int64_t count) {
  AURORA_CHECK(view.dtype == dtype && view.is_contiguous(), "wants contiguous {}", device::dtype_name(dtype));
  AURORA_CHECK(view.elements() == count, "wants {} elements, got {}", count, view.elements());
}

}  // namespace aurora::kernels
