#include "aurora/pretokenize/simd_portable.h"

#include "aurora/pretokenize/simd_cl100k.h"
#include "aurora/pretokenize/simd_scan.h"
#include "aurora/pretokenize/simd_sets.h"

namespace aurora::pretokenize {
namespace {

template <class Family>
[[gnu::flatten]]  //
size_t
cut(std::string_view text, size_t at, std::span<uint32_t> ends) {
  return SimdScan<Portable, Family>::run(text, at, ends);
}

}  // namespace

const SimdCuts kPortableCuts{
    .instructions = "portable",
    .cl100k = cut<Cl100kCuts<Digits::kThrees>>,
    .qwen2 = cut<Cl100kCuts<Digits::kOneByOne>>,
};

}  // namespace aurora::pretokenize
