#include "aurora/train/roof.h"

#include <algorithm>
#include <chrono>

#include "aurora/device/buffer.h"
#include "aurora/kernels/kernels.h"

namespace aurora::train {

double measure_gemm_roof(const device::Stream& stream) {
  constexpr int64_t kM = 1024, kN = 2048, kK = 1024;
  constexpr int kRounds = 8;
  device::Buffer a(kM * kK * 2), b(kN * kK * 2), c(kM * kN * 4);
  kernels::Gemm gemm;
  gemm.a = a.view(device::DType::kBF16, {kM, kK});
  gemm.b = b.view(device::DType::kBF16, {kN, kK});
  gemm.c = c.view(device::DType::kF32, {kM, kN});
  gemm.transpose_b = true;
  double best_s = 1e9;
  for (int round = 0; round < kRounds; ++round) {
    const auto start = std::chrono::steady_clock::now();
    kernels::kernels_for(stream.kind).gemm(stream, gemm);
    best_s =
        std::min(best_s, std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
  }
  return 2.0 * kM * kN * kK / best_s;
}

}  // namespace aurora::train
