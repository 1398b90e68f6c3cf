#include "aurora/kernels/reference/gemm_packed.h"

#include <cmath>
#include <vector>

#include "aurora/kernels/element.h"
#include "aurora/kernels/packed.h"
#include "aurora/kernels/quant_blocks.h"
#include "aurora/kernels/reference/gemm.h"
#include "aurora/kernels/shapes.h"

namespace aurora::kernels::reference {
namespace {

// The rows of W one after the other, as they were read.
std::vector<std::byte> unpacked(const PackedWeight& weight) {
  std::vector<std::byte> rows(weight.n() * weight.spec().row_bytes());
  weight.unpack_rows(0, weight.n(), rows.data());
  return rows;
}

int dot(const Q8Block& block, const QuantisedGroup& group) {
  int sum = 0;
  for (int i = 0; i < 32; ++i) sum += block.q[i] * group.q[i];
  return sum;
}
int dot(const Q4Block& block, const QuantisedGroup& group) {
  int sum = 0;
  for (int i = 0; i < 16; ++i)
    sum += ((block.q[i] & 15) - 8) * group.q[i] + ((block.q[i] >> 4) - 8) * group.q[i + 16];
  return sum;
}

template <typename Block>
void multiply(const GemmSizes& sizes, const View& a, const Block* weight, const View& c) {
  const int64_t groups = sizes.k / kPackGroup;
  std::vector<QuantisedGroup> row(groups);
  for (int64_t i = 0; i < sizes.m; ++i) {
    for (int64_t g = 0; g < groups; ++g) {
      float x[kPackGroup];
      for (int64_t l = 0; l < kPackGroup; ++l)
        x[l] = static_cast<float>(load_element(a, i * a.stride(0) + g * kPackGroup + l));
      row[g] = quantise_group(x);
    }
    for (int64_t j = 0; j < sizes.n; ++j) {
      float sum = 0;
      for (int64_t g = 0; g < groups; ++g) {
        const Block& block = weight[j * groups + g];
        sum = std::fma(static_cast<float>(dot(block, row[g])), f16_to_float(block.d) * row[g].d, sum);
      }
      store_element(c, i * c.stride(0) + j, sum);
    }
  }
}

}  // namespace

void gemm_packed(const Stream& stream, const PackedGemm& call) {
  const GemmSizes sizes = packed_gemm_sizes(call);
  std::vector<std::byte> rows = unpacked(*call.weight);
  switch (call.weight->spec().format) {
    case PackFormat::kDense: {
      const View weight = View::contiguous(rows.data(), call.a.dtype, {sizes.n, sizes.k});
      return gemm(stream, {call.a, weight, call.c, false, true, false});
    }
    case PackFormat::kInt8:
      return multiply(sizes, call.a, reinterpret_cast<const Q8Block*>(rows.data()), call.c);
    case PackFormat::kInt4:
      return multiply(sizes, call.a, reinterpret_cast<const Q4Block*>(rows.data()), call.c);
  }
}

}  // namespace aurora::kernels::reference
