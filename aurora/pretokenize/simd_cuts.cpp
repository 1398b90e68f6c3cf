#include "aurora/pretokenize/simd_cuts.h"

#include <vector>

#include "aurora/pretokenize/simd_families.h"

namespace aurora::pretokenize {
namespace {

std::vector<const SimdCuts*> find_sets() {
  std::vector<const SimdCuts*> sets;
#if defined(__x86_64__)
  // Every processor with BMI2 has LZCNT; clang 14 cannot ask for it.
  const bool small =
      __builtin_cpu_supports("bmi") && __builtin_cpu_supports("bmi2") && __builtin_cpu_supports("popcnt");
  const bool avx512 = __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vbmi") &&
                      __builtin_cpu_supports("avx512vbmi2");
  if (small && avx512) sets.push_back(&kAvx512Cuts);
  if (small && __builtin_cpu_supports("avx2")) sets.push_back(&kAvx2Cuts);
#endif
  sets.push_back(&kPortableCuts);
  return sets;
}

}  // namespace

std::span<const SimdCuts* const> simd_cuts() {
  static const std::vector<const SimdCuts*> sets = find_sets();
  return sets;
}

}  // namespace aurora::pretokenize
