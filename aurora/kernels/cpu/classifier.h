// The contract is in kernels/kernels.h.
#pragma once

#include "aurora/kernels/kernels.h"

namespace aurora::kernels::cpu {

void classifier(const Stream& stream, const Classifier& call);

}  // namespace aurora::kernels::cpu
