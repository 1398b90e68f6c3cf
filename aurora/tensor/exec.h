// What every operation is given: where to run, with which kernels, and where results go.
#pragma once

#include <utility>

#include "aurora/kernels/kernels.h"
#include "aurora/tensor/arena.h"

namespace aurora::tensor {

using device::Stream;
using kernels::Kernels;

// The kernels a backend lacks are null: throws an Error that names the kernel and the backend.
[[noreturn]] void throw_missing_kernel(const Kernels& kernels, const void* entry);

struct Exec {
  Stream stream;
  const Kernels& kernels;
  Arena& arena;

  // exec.run(&Kernels::add, a, b, out) queues one kernel.
  template <typename... Parameters, typename... Arguments>
  void run(void (*Kernels::*entry)(const Stream&, Parameters...), Arguments&&... arguments) const {
    const auto& kernel = kernels.*entry;
    if (kernel == nullptr) throw_missing_kernel(kernels, &kernel);
    kernel(stream, std::forward<Arguments>(arguments)...);
  }

  // An array of the caller's as a view on this device: the array itself on the CPU (which must outlive its
  // use and is not written through the view), a copy in the arena elsewhere.
  View upload(const void* data, DType dtype, std::initializer_list<int64_t> shape) const;
  // Copies a contiguous view to the caller's array of as many elements.
  void download(const View& view, void* data) const;
};

}  // namespace aurora::tensor
