// The contract is in kernels/kernels.h.
#pragma once

#include "aurora/kernels/kernels.h"

namespace aurora::kernels::cpu {

void attention_forward(const Stream& stream, const Attention& call);
void attention_backward(const Stream& stream, const AttentionBackward& call);

}  // namespace aurora::kernels::cpu
