// The SIMD scanners, one set per instruction set. All sets give the same cuts as the schemes' cut_reference.
#pragma once

#include <span>

#include "aurora/pretokenize/scheme.h"

namespace aurora::pretokenize {

struct SimdCuts {
  const char* instructions;  // "avx512", "avx2", "portable"
  // By scheme.
  CutFunction gpt2;
  CutFunction smollm;
  CutFunction cl100k;
  CutFunction llama3;
  CutFunction qwen2;
  CutFunction qwen3_5;
  CutFunction o200k;
  CutFunction tekken;
  CutFunction deepseek_v3;
};

// Those that this processor can run, the fastest first; the last is "portable" and always there.
std::span<const SimdCuts* const> simd_cuts();

}  // namespace aurora::pretokenize
