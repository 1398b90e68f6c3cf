// One element of a bf16 or f32 view, by its offset in elements. For code where clarity outranks speed.
#pragma once

#include "aurora/device/view.h"

namespace aurora::kernels {

inline double load_element(const device::View& view, int64_t offset) {
  if (view.dtype == device::DType::kBF16) return static_cast<float>(view.as<device::bf16>()[offset]);
  return view.as<float>()[offset];
}

inline void store_element(const device::View& view, int64_t offset, double value) {
  if (view.dtype == device::DType::kBF16)
    view.as<device::bf16>()[offset] = device::bf16(static_cast<float>(value));
  else
    view.as<float>()[offset] = static_cast<float>(value);
}

}  // namespace aurora::kernels
