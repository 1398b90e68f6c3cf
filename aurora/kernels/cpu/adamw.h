// One AdamW step (Loshchilov & Hutter 2019) on a slice of parameters. Contract: kernels.h.
#pragma once

#include "aurora/kernels/kernels.h"

namespace aurora::kernels::cpu {

void adamw(const Stream& stream, const AdamW& step);

}  // namespace aurora::kernels::cpu
