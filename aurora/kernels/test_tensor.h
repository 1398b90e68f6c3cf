// For tests of kernels: a view with its memory, filled with numbers from a seed.
#pragma once

#include <cstring>
#include <initializer_list>
#include <vector>

#include "aurora/base/random.h"
#include "aurora/device/view.h"
#include "aurora/kernels/element.h"

namespace aurora::kernels {

struct TestTensor {
  std::vector<std::byte> bytes;
  device::View view;

  // Zeros.
  TestTensor(device::DType dtype, std::initializer_list<int64_t> shape) {
    int64_t elements = 1;
    for (int64_t size : shape) elements *= size;
    bytes.resize(elements * device::dtype_size(dtype) + 1);  // never a null pointer
    view = device::View::contiguous(bytes.data(), dtype, shape);
  }
  TestTensor(const TestTensor& other) : bytes(other.bytes), view(other.view) { view.data = bytes.data(); }
  TestTensor(TestTensor&& other) = default;
  TestTensor& operator=(const TestTensor&) = delete;

  // Uniform in [-size, size).
  static TestTensor random(device::DType dtype, std::initializer_list<int64_t> shape, uint64_t seed,
                           double size = 1) {
    TestTensor tensor(dtype, shape);
    const RandomKey key = random_key(seed, Purpose::kTest);
    for (int64_t i = 0; i < tensor.view.elements(); ++i)
      store_element(tensor.view, i, size * (2 * random_uniform(i, key) - 1));
    return tensor;
  }
  static TestTensor of(device::DType dtype, std::initializer_list<int64_t> shape,
                       std::initializer_list<double> values) {
    TestTensor tensor(dtype, shape);
    int64_t i = 0;
    for (double value : values) store_element(tensor.view, i++, value);
    return tensor;
  }

  double operator[](int64_t i) const { return load_element(view, i); }
  void set(int64_t i, double value) { store_element(view, i, value); }
  int64_t elements() const { return view.elements(); }
};

inline bool same_bits(const TestTensor& a, const TestTensor& b) {
  return a.bytes.size() == b.bytes.size() && std::memcmp(a.bytes.data(), b.bytes.data(), a.view.bytes()) == 0;
}

}  // namespace aurora::kernels
