#include "aurora/autograd/op_list.h"

namespace aurora::autograd {

std::span<const Op* const> all_ops() {
  static constexpr const Op* kOps[] = {
      &kEmbedding, &kLinear, &kRmsNorm, &kRope, &kAttention, &kSwiglu, &kAdd, &kClassifier,
  };
  return kOps;
}

}  // namespace aurora::autograd
