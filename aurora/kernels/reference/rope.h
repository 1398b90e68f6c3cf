// Rotary position embedding. Contract: kernels.h.
#pragma once

#include "aurora/kernels/kernels.h"

namespace aurora::kernels::reference {

void rope(const Stream& stream, View x, View positions, double theta, bool inverse);

}  // namespace aurora::kernels::reference
