#include "aurora/kernels/cpu/adamw.h"
#include "aurora/kernels/cpu/attention.h"
#include "aurora/kernels/cpu/classifier.h"
#include "aurora/kernels/cpu/elementwise.h"
#include "aurora/kernels/cpu/embedding.h"
#include "aurora/kernels/cpu/gemm.h"
#include "aurora/kernels/cpu/gemm_packed.h"
#include "aurora/kernels/cpu/norm.h"
#include "aurora/kernels/cpu/paged_attention.h"
#include "aurora/kernels/cpu/rope.h"
#include "aurora/kernels/cpu/swiglu.h"
#include "aurora/kernels/kernels.h"
#include "aurora/kernels/reference/adamw.h"
#include "aurora/kernels/reference/attention.h"
#include "aurora/kernels/reference/classifier.h"
#include "aurora/kernels/reference/elementwise.h"
#include "aurora/kernels/reference/embedding.h"
#include "aurora/kernels/reference/gemm.h"
#include "aurora/kernels/reference/gemm_packed.h"
#include "aurora/kernels/reference/norm.h"
#include "aurora/kernels/reference/paged_attention.h"
#include "aurora/kernels/reference/rope.h"
#include "aurora/kernels/reference/swiglu.h"

namespace aurora::kernels {

const Kernels& reference_kernels() {
  using namespace reference;
  static constexpr Kernels kernels{
      .name = "reference",
      .gemm = gemm,
      .gemm_packed = gemm_packed,
      .attention_forward = attention_forward,
      .attention_backward = attention_backward,
      .page_bytes = page_bytes,
      .paged_attention = paged_attention,
      .classifier = classifier,
      .embedding_forward = embedding_forward,
      .embedding_backward = embedding_backward,
      .rmsnorm_forward = rmsnorm_forward,
      .rmsnorm_backward_input = rmsnorm_backward_input,
      .rmsnorm_backward_weight = rmsnorm_backward_weight,
      .rope = rope,
      .swiglu_forward = swiglu_forward,
      .swiglu_backward = swiglu_backward,
      .bias_forward = bias_forward,
      .bias_backward = bias_backward,
      .add = add,
      .cast = cast,
      .sum_squares = sum_squares,
      .adamw = adamw,
  };
  return kernels;
}

const Kernels& cpu_kernels() {
  using namespace cpu;
  static constexpr Kernels kernels{
      .name = "cpu",
      .gemm = gemm,
      .gemm_packed = gemm_packed,
      .attention_forward = attention_forward,
      .attention_backward = attention_backward,
      .page_bytes = page_bytes,
      .paged_attention = paged_attention,
      .classifier = classifier,
      .embedding_forward = embedding_forward,
      .embedding_backward = embedding_backward,
      .rmsnorm_forward = rmsnorm_forward,
      .rmsnorm_backward_input = rmsnorm_backward_input,
      .rmsnorm_backward_weight = rmsnorm_backward_weight,
      .rope = rope,
      .swiglu_forward = swiglu_forward,
      .swiglu_backward = swiglu_backward,
      .bias_forward = bias_forward,
      .bias_backward = bias_backward,
      .add = add,
      .cast = cast,
      .sum_squares = sum_squares,
      .adamw = adamw,
  };
  return kernels;
}

const Kernels& kernels_for(device::Kind kind) {
  return kind == device::Kind::kCuda ? cuda_kernels() : cpu_kernels();
}

}  // namespace aurora::kernels
