// The measured ceiling of matrix products, which throughput is held against.
#pragma once

#include "aurora/device/stream.h"

namespace aurora::train {

// The best of several bf16 products of a transformer's size on all threads of the stream, in FLOP/s. Takes
// about 0.1 s on two cores.
double measure_gemm_roof(const device::Stream& stream);

}  // namespace aurora::train
