#include "aurora/kernels/testing.h"

namespace aurora::kernels {
namespace {

std::vector<double> frequencies_of(int64_t size) {
  std::vector<double> frequencies;
  for (int64_t i = 0; i < size / 2; ++i)
    frequencies.push_back(std::pow(500000.0, -2.0 * static_cast<double>(i) / static_cast<double>(size)));
  return frequencies;
}

TEST(Rope, QuarterTurnByHand) {
  // D = 2 has one pair with frequency 1; position 1 turns (1, 0) to (cos 1, sin 1).
  Array x(DType::kF32, {1, 1, 2}), positions(DType::kI32, {1});
  x.set(0, 1);
  positions.view().as<int32_t>()[0] = 1;
  for (const Kernels* kernels : {&reference_kernels(), &cpu_kernels()}) {
    Array y = x.clone();
    kernels->rope(serial_stream(), {y, positions, frequencies_of(2), false});
    EXPECT_FLOAT_EQ(y.get(0), std::cos(1.0f)) << kernels->name;
    EXPECT_FLOAT_EQ(y.get(1), std::sin(1.0f)) << kernels->name;
  }
}

TEST(Rope, CpuAgreesWithReferenceUpToAMillionPositions) {
  for (DType dtype : {DType::kF32, DType::kBF16}) {
    for (int64_t size : {2, 6, 32, 66, 128}) {
      for (bool inverse : {false, true}) {
        Array x = Array::random(dtype, {65, 3, size}, 1), truth = x.clone();
        Array positions = Array::random_i32({65}, 2, 1 << 20);
        positions.view().as<int32_t>()[0] = 0;
        positions.view().as<int32_t>()[1] = (1 << 20) - 1;
        cpu_kernels().rope(serial_stream(), {x, positions, frequencies_of(size), inverse});
        reference_kernels().rope(serial_stream(), {truth, positions, frequencies_of(size), inverse});
        expect_close(x, truth, 2e-7, dtype == DType::kF32 ? 1e-6 : 1e-3, fmt::format("D {}", size));
      }
    }
  }
}

TEST(Rope, InverseTurnsBack) {
  Array x = Array::random(DType::kF32, {9, 2, 16}, 1), y = x.clone();
  Array positions = Array::random_i32({9}, 2, 4096);
  cpu_kernels().rope(serial_stream(), {y, positions, frequencies_of(16), false});
  cpu_kernels().rope(serial_stream(), {y, positions, frequencies_of(16), true});
  expect_close(y, x, 0, 2e-6, "x");
}

TEST(Rope, InverseIsTheGradient) {
  Array x = Array::random(DType::kF32, {3, 2, 6}, 1), out = x.clone();
  Array positions = Array::random_i32({3}, 2, 100), weights = Array::random(DType::kF32, {3, 2, 6}, 3);
  Array gradient = weights.clone();
  reference_kernels().rope(serial_stream(), {gradient, positions, frequencies_of(6), true});
  expect_gradient(x, out, weights, gradient, [&] {
    std::memcpy(out.view().data, x.view().data, x.view().bytes());
    reference_kernels().rope(serial_stream(), {out, positions, frequencies_of(6), false});
  });
}

TEST(Rope, TurnsHeadsInsideAWiderRowAndNothingElse) {
  // q and k of one fused row [R, 5 heads, 8]: only heads 1..3 are turned.
  Array qkv = Array::random(DType::kBF16, {4, 5, 8}, 1), untouched = qkv.clone();
  Array positions = Array::random_i32({4}, 2, 100);
  View middle = qkv.view();
  middle.data = qkv.view().as<bf16>() + 8;
  middle.shape[1] = 3;
  cpu_kernels().rope(serial_stream(), {middle, positions, frequencies_of(8), false});
  Array whole = untouched.clone();
  cpu_kernels().rope(serial_stream(), {whole, positions, frequencies_of(8), false});
  for (int64_t i = 0; i < qkv.size(); ++i) {
    const int64_t head = i / 8 % 5;
    EXPECT_EQ(qkv.get(i), (head >= 1 && head <= 3 ? whole : untouched).get(i)) << i;
  }
}

TEST(Rope, BitsDependNeitherOnRowsNorOnThreads) {
  Pool pool(3);
  Array positions = Array::random_i32({300}, 2, 1 << 20);
  Array a = Array::random(DType::kF32, {300, 6, 66}, 1), b = a.clone(), c = a.clone();
  cpu_kernels().rope(serial_stream(), {a, positions, frequencies_of(66), false});
  cpu_kernels().rope(Stream::cpu(pool), {b, positions, frequencies_of(66), false});
  for (int64_t r = 0; r < 300; ++r)
    cpu_kernels().rope(serial_stream(),
                       {c.view().rows(r, 1), positions.view().rows(r, 1), frequencies_of(66), false});
  EXPECT_TRUE(same_bits(a, b));
  EXPECT_TRUE(same_bits(a, c));
}

}  // namespace
}  // namespace aurora::kernels
