// Built without CUDA: a table without entries.
#include "aurora/kernels/kernels.h"

namespace aurora::kernels {
namespace {

Kernels make_table() {
  Kernels kernels{};
  kernels.name = "cuda";
  return kernels;
}

}  // namespace

const Kernels& cuda_kernels() {
  static const Kernels kernels = make_table();
  return kernels;
}

}  // namespace aurora::kernels
