// Rotary position embedding. Contract: kernels.h.
#pragma once

#include "aurora/kernels/kernels.h"

namespace aurora::kernels::reference {

void rope(const Stream& stream, const Rope& call);

}  // namespace aurora::kernels::reference
