// Weights of Linear layers laid out once for inference: in the panels that the microkernels read, so that a
// product streams through them in order. One call of gemm_packed (kernels/kernels.h) reads a weight once for
// up to a dozen rows, and multiplies many rows at the speed of gemm.
//
// Formats. kDense holds elements of act, exactly; products have the bits of gemm. kInt8 and kInt4 hold groups
// of 32 neighbours along K with one f16 scale d each, the values of ggml's blocks:
//   kInt8 = Q8_0, 34 bytes: d, 32 signed q; value d * q.
//   kInt4 = Q4_0, 18 bytes: d, 16 bytes whose low nibbles are elements 0 .. 15 and high nibbles 16 .. 31;
//           value d * (q - 8).
// A product with these quantises each group of a row of A to int8 (quantise_group below), takes exact int32
// dots of the groups and adds them up in f32, groups in ascending order:
//   sum = fma(float(dot), d_weight * d_row, sum), from 0.
// Every instruction set gives the same bits.
#pragma once

#include <cstdint>
#include <functional>

#include "aurora/base/threads.h"
#include "aurora/device/buffer.h"
#include "aurora/device/view.h"

namespace aurora::kernels {

namespace cpu {
class PackedForm;
}

enum class PackFormat : uint8_t { kDense, kInt8, kInt4 };
constexpr int64_t kPackGroup = 32;

// A weight [N, K].
struct PackSpec {
  int64_t n = 0, k = 0;  // both at least 1; k a multiple of kPackGroup for kInt8 and kInt4
  PackFormat format = PackFormat::kDense;
  device::DType act = device::DType::kBF16;  // bf16 or f32: of A in products, and of a dense weight

  // Bytes of one row as it is read and unpacked: k elements of act, or k / 32 blocks.
  int64_t row_bytes() const;
};

// Fills out[count, row_bytes] with rows [row, row + count). Called from the pool's threads, several at once.
using ReadRows = std::function<void(int64_t row, int64_t count, void* out)>;

// Immutable, so that any number of threads may use one. On the CPU, laid out for this processor: never
// written to a file.
class PackedWeight {
 public:
  PackedWeight() = default;  // n() == 0: no weight
  PackedWeight(PackedWeight&&) = default;
  PackedWeight& operator=(PackedWeight&&) = default;

  int64_t n() const { return spec_.n; }
  int64_t k() const { return spec_.k; }
  const PackSpec& spec() const { return spec_; }
  bool empty() const { return spec_.n == 0; }
  // Memory it takes, which is what a product of few rows reads.
  size_t bytes() const { return panels_.size(); }

  // Rows [row, row + count) as they were read, bit for bit, to out[count, row_bytes]. Gathers a row in about
  // the time of a cache miss per 64 bytes of it; an embedding table that is tied to the output layer may be
  // read by this.
  void unpack_rows(int64_t row, int64_t count, void* out) const;

  // For kernels: the panels, one after the other, and how they are laid out.
  const cpu::PackedForm& form() const { return *form_; }
  const std::byte* panels() const { return static_cast<const std::byte*>(panels_.data()); }

 private:
  friend PackedWeight pack_weight_as(const cpu::PackedForm&, const PackSpec&, const ReadRows&, Pool&);

  PackSpec spec_;
  const cpu::PackedForm* form_ = nullptr;
  device::Buffer panels_;
};

// Error when k does not suit the format. What read_rows throws passes through.
PackedWeight pack_weight(const PackSpec& spec, const ReadRows& read_rows, Pool& pool);
// A dense weight from rows [N, K] of act in host memory, any row stride.
PackedWeight pack_weight(const device::View& rows, Pool& pool);
// The same in a form other than the best one, for tests.
PackedWeight pack_weight_as(const cpu::PackedForm& form, const PackSpec& spec, const ReadRows& read_rows,
                            Pool& pool);

// Groups of a row of A in int8: q[i] = round(x[i] * (127 / m)) to nearest even and d = m / 127, m being the
// largest magnitude of the group. A group with m < 2^-100 is all zeros with d = 0; one with an infinity or
// NaN has d = NaN, and so have the sums it enters. In contrast to Q8_0 d stays f32.
struct QuantisedGroup {
  int8_t q[kPackGroup];
  float d;
};
QuantisedGroup quantise_group(const float* x);

}  // namespace aurora::kernels
