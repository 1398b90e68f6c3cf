#if defined(__x86_64__)
#include "aurora/pretokenize/simd_avx512.h"

#include "aurora/pretokenize/simd_families.h"

namespace aurora::pretokenize {
namespace {

template <class Family>
struct Avx512Cut {
  [[gnu::target("avx512vbmi,avx512vbmi2,bmi,bmi2,lzcnt,popcnt"), gnu::flatten]] static size_t run(
      std::string_view text, size_t at, std::span<uint32_t> ends) {
    return SimdScan<Avx512, Family>::run(text, at, ends);
  }
};

}  // namespace

const SimdCuts kAvx512Cuts = make_simd_cuts<Avx512Cut>("avx512");

}  // namespace aurora::pretokenize

#endif
