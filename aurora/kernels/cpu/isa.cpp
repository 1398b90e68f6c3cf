#include "aurora/kernels/cpu/isa.h"

namespace aurora::kernels::cpu {
namespace {

Isa find_isa() {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
      __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl"))
    return Isa::kAvx512;
  if (__builtin_cpu_supports("avx2")) return Isa::kAvx2;
#endif
  return Isa::kPortable;
}

}  // namespace

Isa isa() {
  static const Isa found = find_isa();
  return found;
}

}  // namespace aurora::kernels::cpu
