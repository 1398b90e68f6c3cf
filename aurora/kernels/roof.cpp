#include "aurora/kernels/roof.h"

#include <algorithm>
#include <chrono>
#include <cstring>
#include <vector>

#include "aurora/device/buffer.h"
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

double measure_read_bandwidth(const Stream& stream) {
  if (stream.kind != device::Kind::kCpu) return 0;
  constexpr size_t kPiece = size_t{1} << 20, kPieces = 512;
  constexpr int kRounds = 5;
  using Clock = std::chrono::steady_clock;
  using Line = uint64_t __attribute__((vector_size(64)));
  device::Buffer memory(kPiece * kPieces);
  std::memset(memory.data(), 1, memory.size());
  std::vector<uint64_t> sums(kPieces);  // keeps the reading from being left out
  double best_s = 1e30;
  for (int round = 0; round < kRounds; ++round) {
    const auto begin = Clock::now();
    stream.pool->for_each(kPieces, [&](size_t piece) {
      const auto* line =
          reinterpret_cast<const Line*>(static_cast<const char*>(memory.data()) + piece * kPiece);
      Line sum[4] = {};
      for (size_t i = 0; i < kPiece / sizeof(Line); i += 4)
        for (int j = 0; j < 4; ++j) sum[j] ^= line[i + j];
      const Line all = (sum[0] ^ sum[1]) ^ (sum[2] ^ sum[3]);
      sums[piece] = all[0] ^ all[7];
    });
    best_s = std::min(best_s, std::chrono::duration<double>(Clock::now() - begin).count());
  }
  return static_cast<double>(kPiece * kPieces) / best_s;
}

}  // namespace aurora::kernels
