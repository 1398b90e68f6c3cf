// The descriptors, one per op; each is defined in its family's file. A new op is one line here, one in
// ops.cpp, and its file.
#pragma once

#include "aurora/autograd/op.h"

namespace aurora::autograd {

extern const Op kEmbedding;
extern const Op kLinear;
extern const Op kRmsNorm;
extern const Op kRope;
extern const Op kAttention;
extern const Op kSwiglu;
extern const Op kAdd;
extern const Op kClassifier;

}  // namespace aurora::autograd
