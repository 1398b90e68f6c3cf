// The descriptors, one per op; each is defined in its family's file. A new op is its file and its name here.
#pragma once

#include "aurora/autograd/op.h"

namespace aurora::autograd {

extern const Op kEmbedding;
extern const Op kLinear;
extern const Op kRmsNorm;
extern const Op kBias;
extern const Op kHeadNorm;
extern const Op kRope;
extern const Op kAttention;
extern const Op kSwiglu;
extern const Op kAdd;
extern const Op kClassifier;

inline constexpr const Op* kAllOps[] = {
    &kEmbedding, &kLinear, &kRmsNorm, &kBias, &kHeadNorm, &kRope, &kAttention, &kSwiglu, &kAdd, &kClassifier,
};

}  // namespace aurora::autograd
