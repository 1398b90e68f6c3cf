#include "aurora/pretokenize/simd_avx512.h"

#include "aurora/pretokenize/simd_cl100k.h"
#include "aurora/pretokenize/simd_scan.h"
#include "aurora/pretokenize/simd_sets.h"

namespace aurora::pretokenize {
namespace {

template <class Family>
[[gnu::target("avx512bw,avx512vl,avx512dq,avx512vbmi,avx512vbmi2,bmi,bmi2,lzcnt,popcnt"), gnu::flatten]]  //
size_t
cut(std::string_view text, size_t at, std::span<uint32_t> ends) {
  return SimdScan<Avx512, Family>::run(text, at, ends);
}

}  // namespace

const SimdCuts kAvx512Cuts{
    .instructions = "avx512",
    .cl100k = cut<Cl100kCuts<Digits::kThrees>>,
    .qwen2 = cut<Cl100kCuts<Digits::kOneByOne>>,
};

}  // namespace aurora::pretokenize
