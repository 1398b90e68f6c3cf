#include "aurora/kernels/roof.h"

#include <algorithm>
#include <chrono>
#include <vector>

#include "aurora/kernels/cpu/gemm.h"

namespace aurora::kernels {
namespace {

constexpr int64_t kSize = 1536;
constexpr int kRuns = 16;
constexpr double kBudgetS = 0.3;

}  // namespace

double measure_gemm_roof(const Stream& stream) {
  if (stream.kind != device::Kind::kCpu) return 0;
  using Clock = std::chrono::steady_clock;
  std::vector<device::bf16> a(kSize * kSize, device::bf16(0.5f)), b(kSize * kSize, device::bf16(0.25f));
  std::vector<float> c(kSize * kSize);
  const auto matrix = [](auto& data, device::DType dtype) {
    return View::contiguous(data.data(), dtype, {kSize, kSize});
  };
  const Gemm product{matrix(a, device::DType::kBF16),
                     matrix(b, device::DType::kBF16),
                     matrix(c, device::DType::kF32),
                     false,
                     true,
                     false};
  double best_s = 1e30;
  const auto start = Clock::now();
  for (int run = 0; run < kRuns; ++run) {
    const auto begin = Clock::now();
    cpu::gemm(stream, product);
    const auto end = Clock::now();
    best_s = std::min(best_s, std::chrono::duration<double>(end - begin).count());
    if (std::chrono::duration<double>(end - start).count() > kBudgetS) break;
  }
  return 2.0 * kSize * kSize * kSize / best_s;
}

}  // namespace aurora::kernels
