#include "aurora/pretokenize/simd_avx2.h"

#include "aurora/pretokenize/simd_cl100k.h"
#include "aurora/pretokenize/simd_scan.h"
#include "aurora/pretokenize/simd_sets.h"

namespace aurora::pretokenize {
namespace {

template <class Family>
[[gnu::target("avx2,bmi,bmi2,lzcnt,popcnt"), gnu::flatten]]  //
size_t
cut(std::string_view text, size_t at, std::span<uint32_t> ends) {
  return SimdScan<Avx2, Family>::run(text, at, ends);
}

}  // namespace

const SimdCuts kAvx2Cuts{
    .instructions = "avx2",
    .cl100k = cut<Cl100kCuts<Digits::kThrees>>,
    .qwen2 = cut<Cl100kCuts<Digits::kOneByOne>>,
};

}  // namespace aurora::pretokenize
