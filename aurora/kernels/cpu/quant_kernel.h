// The inner loops of products with int8 and int4 weights: a block of up to kQuantRows quantised rows
// (quant_rows.h) by one panel of kQuantColumns rows of W. One layout serves all instruction sets, and all
// give the same bits (kernels/packed.h).
//
// A panel holds group after group: scales[32] f16, then words[32] of every step: word j belongs to column j.
//   int8, 8 steps: step s holds q[4s .. 4s+3] + 128, unsigned.
//   int4, 4 steps: step s holds bytes 4s .. 4s+3 of the block, whose low nibbles are elements 4s .. 4s+3 and
//   high nibbles elements 16 + 4s .. 16 + 4s+3, 8 too large.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "aurora/kernels/cpu/quant_rows.h"

namespace aurora::kernels::cpu {

constexpr int kQuantColumns = 32;

struct QuantProduct {
  int rows;  // 1 .. kQuantRows, all rows of the block
  int64_t groups;
  const int32_t* a;    // the block's first group
  const std::byte* w;  // the panel's first group
  float* sum;          // [rows, stride]
  int64_t stride;
  bool add;  // go on from what is in sum, instead of from 0
};

struct QuantKernel {
  const char* name;
  void (*int8)(const QuantProduct&);
  void (*int4)(const QuantProduct&);
};

// All that this processor can run, the best first.
std::vector<const QuantKernel*> usable_quant_kernels();

extern const QuantKernel kPortableQuantKernel;
extern const QuantKernel kAvx2QuantKernel;
extern const QuantKernel kAvx512VnniQuantKernel;

// Bytes of one group in a panel: scales, then the steps.
constexpr int64_t kScaleBytes = kQuantColumns * 2;
constexpr int64_t kStepBytes = kQuantColumns * 4;
constexpr int64_t quant_group_bytes(int steps) {
  return kScaleBytes + steps * kStepBytes;
}

// Calls Product<rows>::run(p) for a number of rows known only at run time.
template <int kRows, template <int> class Product>
inline void dispatch_quant_rows(const QuantProduct& p) {
  if (p.rows == kRows)
    Product<kRows>::run(p);
  else if constexpr (kRows > 1)
    dispatch_quant_rows<kRows - 1, Product>(p);
}

}  // namespace aurora::kernels::cpu
