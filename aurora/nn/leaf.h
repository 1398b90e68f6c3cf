// A leaf: the unit of work whose gradient is computed by one fixed sequence of kernels, whatever the layout
// (docs/ARCHITECTURE.md, "Bits"). Its shape (B sequences of T tokens) stands in the recipe.
#pragma once

#include <cstdint>
#include <vector>

namespace aurora::nn {

struct Leaf {
  int64_t sequences = 0;               // B
  int64_t length = 0;                  // T
  std::vector<int32_t> tokens;         // [B*T]
  std::vector<int32_t> targets;        // [B*T] the token after each
  std::vector<float> loss_weights;     // [B*T] 0 = this position teaches nothing
  std::vector<int32_t> positions;      // [B*T] RoPE position, from 0 in each segment
  std::vector<int32_t> segment_begin;  // [B*T] first row (index in this sequence) that this row may attend to
};

}  // namespace aurora::nn
