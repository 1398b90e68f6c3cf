// RMSNorm. Contract: kernels.h. Queued on the stream; a kernel that cannot be started is an Error.
#pragma once

#include "aurora/kernels/kernels.h"

namespace aurora::kernels::cuda {

void rmsnorm_forward(const Stream& stream, View x, View weight, float epsilon, View out, View inv_rms);
void rmsnorm_backward_input(const Stream& stream, View d_out, View x, View weight, View inv_rms, View d_x);
void rmsnorm_backward_weight(const Stream& stream, View d_out, View x, View inv_rms, View d_weight);

}  // namespace aurora::kernels::cuda
