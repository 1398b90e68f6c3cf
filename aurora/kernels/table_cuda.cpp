#include "aurora/kernels/cuda/norm.h"
#include "aurora/kernels/kernels.h"

namespace aurora::kernels {
namespace {

Kernels make_table() {
  Kernels kernels{};
  kernels.name = "cuda";
  kernels.rmsnorm_forward = cuda::rmsnorm_forward;
  kernels.rmsnorm_backward_input = cuda::rmsnorm_backward_input;
  kernels.rmsnorm_backward_weight = cuda::rmsnorm_backward_weight;
  return kernels;
}

}  // namespace

const Kernels& cuda_kernels() {
  static const Kernels kernels = make_table();
  return kernels;
}

}  // namespace aurora::kernels
