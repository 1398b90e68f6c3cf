// The yardsticks of training and decoding: how fast this machine multiplies, and reads memory, right now.
#pragma once

#include "aurora/device/stream.h"

namespace aurora::kernels {

// Best rate, in FLOP/s, of a few square bf16 products by the CPU's gemm on all threads of the stream's pool.
// Takes about a third of a second. Other programs on the machine lower it, so measure it in the run that is
// compared with it. 0 on a device other than the CPU.
double measure_gemm_roof(const device::Stream& stream);

// Best rate, in bytes/s, of a few rounds of all threads reading 512 MiB in order. As above.
double measure_read_bandwidth(const device::Stream& stream);

}  // namespace aurora::kernels
