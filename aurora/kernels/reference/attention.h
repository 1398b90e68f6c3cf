// The contract is in kernels/kernels.h. Plain loops, one thread, sums in double.
#pragma once

#include "aurora/kernels/kernels.h"

namespace aurora::kernels::reference {

void attention_forward(const Stream& stream, const Attention& call);
void attention_backward(const Stream& stream, const AttentionBackward& call);

}  // namespace aurora::kernels::reference
