// Reads the sizes out of a call's views and checks that the views fit each other, once for every backend.
#pragma once

#include "aurora/kernels/kernels.h"

namespace aurora::kernels {

struct GemmSizes {
  int64_t m, n, k;
};
GemmSizes gemm_sizes(const Gemm& gemm);
GemmSizes packed_gemm_sizes(const PackedGemm& gemm);

struct AttentionSizes {
  int64_t b, t, h, g, d;
};
AttentionSizes attention_sizes(const Attention& attention);
AttentionSizes attention_sizes(const AttentionBackward& backward);

struct PagedSizes {
  int64_t r, h, g, d;
};
PagedSizes paged_sizes(const PagedAttention& attention);

struct ClassifierSizes {
  int64_t r, c, v;
  bool gradient;
};
ClassifierSizes classifier_sizes(const Classifier& classifier);

}  // namespace aurora::kernels
