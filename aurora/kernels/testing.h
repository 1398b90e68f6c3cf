// For kernel tests only: views with their memory, filled from a seed, and comparison.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <initializer_list>
#include <string>

#include "aurora/base/random.h"
#include "aurora/device/buffer.h"
#include "aurora/kernels/act.h"
#include "aurora/kernels/kernels.h"

namespace aurora::kernels {

using device::Buffer;

inline Stream serial_stream() {
  return Stream::cpu(Pool::serial());
}

// A contiguous view that owns its elements.
class Array {
 public:
  Array(DType dtype, std::initializer_list<int64_t> shape) {
    int64_t count = 1;
    for (int64_t extent : shape) count *= extent;
    buffer_ = Buffer(std::max<size_t>(1, static_cast<size_t>(count) * device::dtype_size(dtype)));
    view_ = buffer_.view(dtype, shape);
  }
  // Normal numbers times `scale`, the same for the same seed.
  static Array random(DType dtype, std::initializer_list<int64_t> shape, uint64_t seed, float scale = 1) {
    Array array(dtype, shape);
    const RandomKey key = random_key(seed, Purpose::kTest);
    for (int64_t i = 0; i < array.size(); ++i)
      array.set(i, scale * random_normal(static_cast<uint64_t>(i), key));
    return array;
  }
  // Whole numbers in [0, bound).
  static Array random_i32(std::initializer_list<int64_t> shape, uint64_t seed, uint64_t bound) {
    Array array(DType::kI32, shape);
    const RandomKey key = random_key(seed, Purpose::kTest);
    for (int64_t i = 0; i < array.size(); ++i)
      array.view_.as<int32_t>()[i] = static_cast<int32_t>(random_below(static_cast<uint64_t>(i), key, bound));
    return array;
  }
  Array clone() const {
    Array copy(view_.dtype, {size()});
    std::memcpy(copy.view_.data, view_.data, view_.bytes());
    copy.view_.rank = view_.rank;
    copy.view_.shape = view_.shape;
    copy.view_.strides = view_.strides;
    return copy;
  }

  const View& view() const { return view_; }
  operator const View&() const { return view_; }
  int64_t size() const { return view_.elements(); }
  float get(int64_t i) const {
    if (view_.dtype == DType::kBF16) return to_float(view_.as<bf16>()[i]);
    return view_.as<float>()[i];
  }
  void set(int64_t i, float value) {
    if (view_.dtype == DType::kBF16)
      view_.as<bf16>()[i] = bf16(value);
    else
      view_.as<float>()[i] = value;
  }

 private:
  Buffer buffer_;
  View view_;
};

inline bool same_bits(const View& a, const View& b) {
  return a.bytes() == b.bytes() && std::memcmp(a.data, b.data, a.bytes()) == 0;
}

// |a - b| <= relative * |b| + absolute for every element; `relative` is raised to one rounding of bf16.
inline void expect_close(const Array& a, const Array& b, double relative, double absolute,
                         const std::string& what) {
  ASSERT_EQ(a.size(), b.size());
  if (a.view().dtype == DType::kBF16) relative = std::max(relative, 0x1p-7);
  for (int64_t i = 0; i < a.size(); ++i)
    ASSERT_LE(std::abs(double{a.get(i)} - b.get(i)), relative * std::abs(double{b.get(i)}) + absolute)
        << what << " at " << i << ": " << a.get(i) << " instead of " << b.get(i);
}

// Checks `gradient` of sum(weights * forward()) in x by central differences of the reference.
// forward() recomputes `out` from `x`, both f32.
template <typename Forward>
void expect_gradient(Array& x, const Array& out, const Array& weights, const Array& gradient,
                     const Forward& forward) {
  const auto loss = [&] {
    forward();
    double sum = 0;
    for (int64_t i = 0; i < out.size(); ++i) sum += double{weights.get(i)} * out.get(i);
    return sum;
  };
  constexpr float kStep = 0x1p-8f;
  double scale = 0;
  for (int64_t i = 0; i < gradient.size(); ++i) scale = std::max<double>(scale, std::abs(gradient.get(i)));
  for (int64_t i = 0; i < x.size(); ++i) {
    const float at = x.get(i);
    x.set(i, at + kStep);
    const double above = loss();
    x.set(i, at - kStep);
    const double below = loss();
    x.set(i, at);
    EXPECT_NEAR(gradient.get(i), (above - below) / (2 * kStep), 1e-3 * scale) << "gradient of element " << i;
  }
}

}  // namespace aurora::kernels
