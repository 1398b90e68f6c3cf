// The contract is in kernels/kernels.h. Plain loops, one thread, sums in double.
#pragma once

#include "aurora/kernels/kernels.h"

namespace aurora::kernels::reference {

void classifier(const Stream& stream, const Classifier& call);

}  // namespace aurora::kernels::reference
