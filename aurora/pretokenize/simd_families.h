// Which family, with which rules, a scheme is.
#pragma once

#include "aurora/pretokenize/simd_cl100k.h"
#include "aurora/pretokenize/simd_cuts.h"
#include "aurora/pretokenize/simd_deepseek_v3.h"
#include "aurora/pretokenize/simd_gpt2.h"
#include "aurora/pretokenize/simd_o200k.h"
#include "aurora/pretokenize/simd_scan.h"

namespace aurora::pretokenize {

extern const SimdCuts kAvx512Cuts;
extern const SimdCuts kAvx2Cuts;
extern const SimdCuts kPortableCuts;

// Cut<Family>::run is a CutFunction in the instructions that Cut stands for.
template <template <class> class Cut>
constexpr SimdCuts make_simd_cuts(const char* instructions) {
  return {
      .instructions = instructions,
      .gpt2 = Cut<Gpt2Cuts<false>>::run,
      .smollm = Cut<Gpt2Cuts<true>>::run,
      .cl100k = Cut<Cl100kCuts<Cl100kRules{.digits_in_threes = true, .trailing_space_is_one = true}>>::run,
      .llama3 = Cut<Cl100kCuts<Cl100kRules{.digits_in_threes = true}>>::run,
      .qwen2 = Cut<Cl100kCuts<Cl100kRules{}>>::run,
      .qwen3_5 = Cut<Cl100kCuts<Cl100kRules{.marks_are_letters = true}>>::run,
      .o200k = Cut<O200kCuts<O200kRules{.contractions = true, .digits_in_threes = true}>>::run,
      .tekken = Cut<O200kCuts<O200kRules{}>>::run,
      .deepseek_v3 = Cut<DeepseekV3Ascii>::run};
}

}  // namespace aurora::pretokenize
