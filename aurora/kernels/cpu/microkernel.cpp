#include "aurora/kernels/cpu/microkernel.h"

#include "aurora/kernels/cpu/microkernel_generic.h"

namespace aurora::kernels::cpu {
namespace {

using device::DType;

constexpr int kColumns = 8;

template <int kRows, typename Column>
struct Product {
  static void run(const MicroProduct& p) {
    float sum[kRows][kColumns] = {};
    for (int64_t s = 0; s < p.steps; ++s) {
      const Column* b = static_cast<const Column*>(p.b) + s * kColumns;
      for (int i = 0; i < kRows; ++i) {
        const float a = reinterpret_cast<const float*>(p.a)[i * p.a_row_stride + s * p.a_step_stride];
        for (int j = 0; j < kColumns; ++j) sum[i][j] += a * static_cast<float>(b[j]);
      }
    }
    for (int i = 0; i < kRows; ++i)
      for (int j = 0; j < kColumns; ++j) {
        float& c = p.c[i * p.c_stride + j];
        c = p.add ? c + sum[i][j] : sum[i][j];
      }
  }
};

template <int kCount>
using F32Columns = Product<kCount, float>;
template <int kCount>
using Bf16Columns = Product<kCount, device::bf16>;

void run(const MicroProduct& p) {
  dispatch_rows<4, F32Columns>(p);
}
void run_bf16_columns(const MicroProduct& p) {
  dispatch_rows<4, Bf16Columns>(p);
}
void pack(const PackSource& source, int width, uint32_t* panels, int64_t panel_stride) {
  pack_f32(source, width, panels, panel_stride);
}
void write(const TileOut& tile) {
  write_tile(tile);
}

}  // namespace

const Microkernel kPortableMicrokernel{"portable", DType::kF32,      4,    kColumns,
                                       run,        run_bf16_columns, pack, write};

std::vector<const Microkernel*> usable_microkernels(DType dtype) {
  std::vector<const Microkernel*> usable;
  const bool avx512 = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                      __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
  if (dtype == DType::kBF16 && avx512 && __builtin_cpu_supports("avx512bf16"))
    usable.push_back(&kAvx512Bf16Microkernel);
  if (avx512) usable.push_back(&kAvx512Microkernel);
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) usable.push_back(&kAvx2Microkernel);
  usable.push_back(&kPortableMicrokernel);
  return usable;
}

const Microkernel& best_microkernel(DType dtype) {
  static const Microkernel& bf16 = *usable_microkernels(DType::kBF16).front();
  static const Microkernel& f32 = *usable_microkernels(DType::kF32).front();
  return dtype == DType::kBF16 ? bf16 : f32;
}

}  // namespace aurora::kernels::cpu
