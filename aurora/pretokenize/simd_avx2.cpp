#if defined(__x86_64__)
#include "aurora/pretokenize/simd_avx2.h"

#include "aurora/pretokenize/simd_families.h"

namespace aurora::pretokenize {
namespace {

template <class Family>
struct Avx2Cut {
  [[gnu::target("avx2,bmi,bmi2,lzcnt,popcnt"), gnu::flatten]] static size_t run(std::string_view text,
                                                                                size_t at,
                                                                                std::span<uint32_t> ends) {
    return SimdScan<Avx2, Family>::run(text, at, ends);
  }
};

}  // namespace

const SimdCuts kAvx2Cuts = make_simd_cuts<Avx2Cut>("avx2");

}  // namespace aurora::pretokenize

#endif
