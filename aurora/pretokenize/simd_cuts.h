// The SIMD scanners, one set per instruction set. All sets give the same cuts as the schemes' cut_reference.
#pragma once

#include <span>

#include "aurora/pretokenize/scheme.h"

namespace aurora::pretokenize {

struct SimdCuts {
  const char* instructions;  // "avx512", "avx2", "portable"
  CutFunction cl100k;        // also llama3
  CutFunction qwen2;
};

// Those that this processor can run, the fastest first; the last is "portable" and always there.
std::span<const SimdCuts* const> simd_cuts();

}  // namespace aurora::pretokenize
