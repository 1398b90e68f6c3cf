// A view: pointer, dtype, shape, strides, device. Owns nothing; trivially copyable; what kernels see.
// Row-major in PyTorch's orientation, at most six dimensions, strided except along the last.
#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>

#include "aurora/base/check.h"
#include "aurora/device/dtype.h"

namespace aurora::device {

enum class Kind : uint8_t { kCpu, kCuda };
constexpr int kMaxRank = 6;

struct View {
  void* data = nullptr;
  DType dtype = DType::kF32;
  Kind kind = Kind::kCpu;
  int rank = 0;
  std::array<int64_t, kMaxRank> shape{};    // elements
  std::array<int64_t, kMaxRank> strides{};  // elements; strides[rank-1] == 1

  static View contiguous(void* data, DType dtype, std::initializer_list<int64_t> shape,
                         Kind kind = Kind::kCpu);

  int64_t dim(int axis) const { return shape[axis < 0 ? rank + axis : axis]; }
  int64_t stride(int axis) const { return strides[axis < 0 ? rank + axis : axis]; }
  int64_t elements() const;
  size_t bytes() const { return static_cast<size_t>(elements()) * dtype_size(dtype); }
  bool is_contiguous() const;
  bool empty() const { return data == nullptr; }

  // The same elements under another shape; contiguous views only.
  View reshaped(std::initializer_list<int64_t> shape) const;
  // Rows [begin, begin + count) of axis 0.
  View rows(int64_t begin, int64_t count) const;

  template <typename T>
  T* as() const {
    AURORA_CHECK(dtype == dtype_of<T>::value, "view holds another dtype");
    return static_cast<T*>(data);
  }
};

}  // namespace aurora::device
