#include "aurora/kernels/testing.h"

namespace aurora::kernels {
namespace {

constexpr float kEpsilon = 1e-5f;

struct Norm {
  Array x, weight, d_out, out, inv_rms, d_x, d_weight;

  Norm(DType dtype, int64_t rows, int64_t width, uint64_t seed = 1)
      : x(Array::random(dtype, {rows, width}, seed)),
        weight(Array::random(dtype, {width}, seed + 1)),
        d_out(Array::random(dtype, {rows, width}, seed + 2)),
        out(dtype, {rows, width}),
        inv_rms(DType::kF32, {rows}),
        d_x(dtype, {rows, width}),
        d_weight(Array::random(DType::kF32, {width}, seed + 3)) {}

  void run(const Kernels& kernels, const Stream& stream) {
    kernels.rmsnorm_forward(stream, x, weight, kEpsilon, out, inv_rms);
    kernels.rmsnorm_backward_input(stream, d_out, x, weight, inv_rms, d_x);
    kernels.rmsnorm_backward_weight(stream, d_out, x, inv_rms, d_weight);
  }
};

TEST(RmsNorm, ReferenceByHand) {
  Array x(DType::kF32, {1, 2}), weight(DType::kF32, {2}), out(DType::kF32, {1, 2}), inv(DType::kF32, {1});
  x.set(0, 3), x.set(1, 4);  // mean square 12.5
  weight.set(0, 1), weight.set(1, 10);
  reference_kernels().rmsnorm_forward(serial_stream(), x, weight, 0, out, inv);
  EXPECT_FLOAT_EQ(inv.get(0), 1 / std::sqrt(12.5f));
  EXPECT_FLOAT_EQ(out.get(0), 3 / std::sqrt(12.5f));
  EXPECT_FLOAT_EQ(out.get(1), 40 / std::sqrt(12.5f));
}

TEST(RmsNorm, CpuAgreesWithReferenceOnAwkwardSizes) {
  for (DType dtype : {DType::kF32, DType::kBF16}) {
    for (int64_t rows : {1, 3, 130}) {
      for (int64_t width : {1, 3, 7, 16, 65, 129, 768}) {
        Norm cpu(dtype, rows, width), truth(dtype, rows, width);
        cpu.run(cpu_kernels(), serial_stream());
        truth.run(reference_kernels(), serial_stream());
        const std::string what = fmt::format("{} {}x{}", device::dtype_name(dtype), rows, width);
        expect_close(cpu.inv_rms, truth.inv_rms, 2e-6, 0, what + " inv_rms");
        expect_close(cpu.out, truth.out, 2e-6, 1e-7, what + " out");
        // The two terms of d_x may cancel.
        expect_close(cpu.d_x, truth.d_x, 1e-5, dtype == DType::kF32 ? 1e-5 : 1e-2, what + " d_x");
        expect_close(cpu.d_weight, truth.d_weight, 1e-5, 1e-4, what + " d_weight");
      }
    }
  }
}

TEST(RmsNorm, ReferenceGradientsAgreeWithFiniteDifferences) {
  Norm norm(DType::kF32, 3, 7);
  std::memset(norm.d_weight.view().data, 0, norm.d_weight.view().bytes());
  norm.run(reference_kernels(), serial_stream());
  const auto forward = [&] {
    reference_kernels().rmsnorm_forward(serial_stream(), norm.x, norm.weight, kEpsilon, norm.out,
                                        norm.inv_rms);
  };
  expect_gradient(norm.x, norm.out, norm.d_out, norm.d_x, forward);
  expect_gradient(norm.weight, norm.out, norm.d_out, norm.d_weight, forward);
}

TEST(RmsNorm, ARowDoesNotDependOnTheNumberOfRows) {
  for (DType dtype : {DType::kF32, DType::kBF16}) {
    Norm all(dtype, 70, 129), one(dtype, 70, 129);
    all.run(cpu_kernels(), serial_stream());
    const Stream stream = serial_stream();
    for (int64_t r = 0; r < 70; ++r) {
      const View inv = one.inv_rms.view().rows(r, 1), x = one.x.view().rows(r, 1);
      cpu_kernels().rmsnorm_forward(stream, x, one.weight, kEpsilon, one.out.view().rows(r, 1), inv);
      cpu_kernels().rmsnorm_backward_input(stream, one.d_out.view().rows(r, 1), x, one.weight, inv,
                                           one.d_x.view().rows(r, 1));
    }
    EXPECT_TRUE(same_bits(all.out, one.out));
    EXPECT_TRUE(same_bits(all.inv_rms, one.inv_rms));
    EXPECT_TRUE(same_bits(all.d_x, one.d_x));
  }
}

TEST(RmsNorm, BitsDoNotDependOnTheNumberOfThreads) {
  Pool pool(3);
  for (DType dtype : {DType::kF32, DType::kBF16}) {
    Norm serial(dtype, 200, 777), threaded(dtype, 200, 777);
    serial.run(cpu_kernels(), serial_stream());
    threaded.run(cpu_kernels(), Stream::cpu(pool));
    EXPECT_TRUE(same_bits(serial.out, threaded.out));
    EXPECT_TRUE(same_bits(serial.d_x, threaded.d_x));
    EXPECT_TRUE(same_bits(serial.d_weight, threaded.d_weight));
  }
}

TEST(RmsNorm, TakesRowsWithGaps) {
  Norm packed(DType::kF32, 5, 7);
  packed.run(cpu_kernels(), serial_stream());
  Array wide = Array::random(DType::kF32, {5, 20}, 9);
  View gaps = wide.view();
  gaps.shape[1] = 7;
  for (int64_t r = 0; r < 5; ++r)
    std::memcpy(row<float>(gaps, r), row<float>(packed.x.view(), r), 7 * sizeof(float));
  Norm other(DType::kF32, 5, 7);
  cpu_kernels().rmsnorm_forward(serial_stream(), gaps, other.weight, kEpsilon, other.out, other.inv_rms);
  EXPECT_TRUE(same_bits(packed.out, other.out));
}

}  // namespace
}  // namespace aurora::kernels
