// The gated activation silu(gate) * up. Contract: kernels.h.
#pragma once

#include "aurora/kernels/kernels.h"

namespace aurora::kernels::reference {

void swiglu_forward(const Stream& stream, View gate_up, View out);
void swiglu_backward(const Stream& stream, View d_out, View gate_up, View d_gate_up);

}  // namespace aurora::kernels::reference
