#include "aurora/kernels/testing.h"

namespace aurora::kernels {
namespace {

struct Swiglu {
  Array gate_up, d_out, out, d_gate_up;

  Swiglu(DType dtype, int64_t rows, int64_t width)
      : gate_up(Array::random(dtype, {rows, 2 * width}, 1, 4)),
        d_out(Array::random(dtype, {rows, width}, 2)),
        out(dtype, {rows, width}),
        d_gate_up(dtype, {rows, 2 * width}) {}
  void run(const Kernels& kernels, const Stream& stream) {
    kernels.swiglu_forward(stream, gate_up, out);
    kernels.swiglu_backward(stream, d_out, gate_up, d_gate_up);
  }
};

TEST(Swiglu, ReferenceByHand) {
  Swiglu s(DType::kF32, 1, 2);
  s.gate_up.set(0, 0), s.gate_up.set(1, 1), s.gate_up.set(2, 5), s.gate_up.set(3, 2);
  reference_kernels().swiglu_forward(serial_stream(), s.gate_up, s.out);
  EXPECT_EQ(s.out.get(0), 0);
  EXPECT_FLOAT_EQ(s.out.get(1), 2 / (1 + std::exp(-1.0f)));
}

TEST(Swiglu, CpuAgreesWithReferenceOnAwkwardSizes) {
  for (DType dtype : {DType::kF32, DType::kBF16}) {
    for (int64_t rows : {1, 3, 129}) {
      for (int64_t width : {1, 3, 7, 65, 129, 1000}) {
        Swiglu cpu(dtype, rows, width), truth(dtype, rows, width);
        cpu.run(cpu_kernels(), serial_stream());
        truth.run(reference_kernels(), serial_stream());
        const std::string what = fmt::format("{} {}x{}", device::dtype_name(dtype), rows, width);
        expect_close(cpu.out, truth.out, 2e-6, 0, what + " out");
        expect_close(cpu.d_gate_up, truth.d_gate_up, 2e-6, 1e-6, what + " d_gate_up");
      }
    }
  }
}

TEST(Swiglu, ExtremeGatesStayFinite) {
  Swiglu s(DType::kF32, 1, 4);
  const float gates[] = {-1e30f, -200, 200, 1e30f};
  for (int64_t i = 0; i < 4; ++i) s.gate_up.set(i, gates[i]), s.gate_up.set(4 + i, 1);
  s.run(cpu_kernels(), serial_stream());
  EXPECT_NEAR(s.out.get(1), 0, 1e-34);
  EXPECT_EQ(s.out.get(2), 200);
  EXPECT_EQ(s.out.get(3), 1e30f);
  EXPECT_TRUE(std::isfinite(s.out.get(0)));
}

TEST(Swiglu, ReferenceGradientAgreesWithFiniteDifferences) {
  Swiglu s(DType::kF32, 3, 5);
  s.run(reference_kernels(), serial_stream());
  expect_gradient(s.gate_up, s.out, s.d_out, s.d_gate_up,
                  [&] { reference_kernels().swiglu_forward(serial_stream(), s.gate_up, s.out); });
}

TEST(Swiglu, BitsDependNeitherOnRowsNorOnThreads) {
  Pool pool(3);
  for (DType dtype : {DType::kF32, DType::kBF16}) {
    Swiglu a(dtype, 100, 601), b(dtype, 100, 601), c(dtype, 100, 601);
    a.run(cpu_kernels(), serial_stream());
    b.run(cpu_kernels(), Stream::cpu(pool));
    for (int64_t r = 0; r < 100; ++r) {
      const View in = c.gate_up.view().rows(r, 1);
      cpu_kernels().swiglu_forward(serial_stream(), in, c.out.view().rows(r, 1));
      cpu_kernels().swiglu_backward(serial_stream(), c.d_out.view().rows(r, 1), in,
                                    c.d_gate_up.view().rows(r, 1));
    }
    for (const Swiglu* other : {&b, &c}) {
      EXPECT_TRUE(same_bits(a.out, other->out));
      EXPECT_TRUE(same_bits(a.d_gate_up, other->d_gate_up));
    }
  }
}

}  // namespace
}  // namespace aurora::kernels
