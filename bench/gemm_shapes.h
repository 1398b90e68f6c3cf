// The products of a training step of the 124M model on one leaf of 1,024 tokens: C = 768, F = 2,048.
#pragma once

#include <cstdint>
#include <vector>

#include "aurora/kernels/kernels.h"

namespace aurora::bench {

struct GemmShape {
  const char* name;
  int64_t m, n, k;
  bool transpose_a, transpose_b, accumulate;  // accumulate: C is f32, else bf16
  double flops() const {
    return 2.0 * static_cast<double>(m) * static_cast<double>(n) * static_cast<double>(k);
  }
};

inline constexpr GemmShape kGemmShapes[] = {
    {"qkv", 1024, 2304, 768, false, true, false},
    {"attention_out", 1024, 768, 768, false, true, false},
    {"gate_up", 1024, 4096, 768, false, true, false},
    {"down", 1024, 768, 2048, false, true, false},
    {"qkv_d_input", 1024, 768, 2304, false, false, false},
    {"gate_up_d_input", 1024, 768, 4096, false, false, false},
    {"down_d_input", 1024, 2048, 768, false, false, false},
    {"qkv_d_weight", 2304, 768, 1024, true, false, true},
    {"attention_out_d_weight", 768, 768, 1024, true, false, true},
    {"gate_up_d_weight", 4096, 768, 1024, true, false, true},
    {"down_d_weight", 768, 2048, 1024, true, false, true},
    {"decode_1_row", 1, 4096, 768, false, true, false},
    {"decode_8_rows", 8, 4096, 768, false, true, false},
};

// The operands of a shape, filled with small numbers.
struct GemmData {
  std::vector<device::bf16> a, b, c_bf16;
  std::vector<float> c_f32;
  kernels::Gemm call;

  explicit GemmData(const GemmShape& s) : a(s.m * s.k), b(s.n * s.k) {
    for (size_t i = 0; i < a.size(); ++i) a[i] = device::bf16(static_cast<float>(i % 13) * 0.1f - 0.6f);
    for (size_t i = 0; i < b.size(); ++i) b[i] = device::bf16(static_cast<float>(i % 11) * 0.1f - 0.5f);
    using device::DType;
    using device::View;
    call.a = View::contiguous(a.data(), DType::kBF16, {s.transpose_a ? s.k : s.m, s.transpose_a ? s.m : s.k});
    call.b = View::contiguous(b.data(), DType::kBF16, {s.transpose_b ? s.n : s.k, s.transpose_b ? s.k : s.n});
    if (s.accumulate) {
      c_f32.resize(s.m * s.n);
      call.c = View::contiguous(c_f32.data(), DType::kF32, {s.m, s.n});
    } else {
      c_bf16.resize(s.m * s.n);
      call.c = View::contiguous(c_bf16.data(), DType::kBF16, {s.m, s.n});
    }
    call.transpose_a = s.transpose_a;
    call.transpose_b = s.transpose_b;
    call.accumulate = s.accumulate;
  }
};

// Threads of every benchmark here: all cores, or what `--threads=N` said.
int threads();

}  // namespace aurora::bench
