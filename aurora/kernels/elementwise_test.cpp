#include "aurora/kernels/testing.h"

namespace aurora::kernels {
namespace {

TEST(Bias, IsAddedToEveryRowAndItsGradientIsTheSumOfThem) {
  for (DType dtype : {DType::kF32, DType::kBF16}) {
    const Array bias = Array::random(dtype, {77}, 1), x = Array::random(dtype, {300, 77}, 2);
    Array reference = x.clone(), fast = x.clone();
    reference_kernels().bias_forward(serial_stream(), reference, bias);
    cpu_kernels().bias_forward(serial_stream(), fast, bias);
    EXPECT_TRUE(same_bits(reference, fast));
    if (dtype == DType::kF32) {
      EXPECT_EQ(fast.get(80), x.get(80) + bias.get(3));
    }
    Array truth = Array::random(DType::kF32, {77}, 3), sum = truth.clone();
    reference_kernels().bias_backward(serial_stream(), x, truth);
    cpu_kernels().bias_backward(serial_stream(), x, sum);
    expect_close(sum, truth, 1e-5, 1e-4, "d_bias");
  }
}

TEST(Add, AgreesWithReferenceBitForBitAlsoInPlace) {
  Pool pool(3);
  for (DType dtype : {DType::kF32, DType::kBF16}) {
    for (int64_t size : {1, 3, 7, 65, 129, 100000}) {
      Array a = Array::random(dtype, {size}, 1), b = Array::random(dtype, {size}, 2);
      Array out(dtype, {size}), truth(dtype, {size});
      reference_kernels().add(serial_stream(), a, b, truth);
      cpu_kernels().add(Stream::cpu(pool), a, b, out);
      EXPECT_TRUE(same_bits(out, truth)) << size;
      cpu_kernels().add(serial_stream(), a, b, a);
      EXPECT_TRUE(same_bits(a, truth)) << size;
    }
  }
}

TEST(Cast, RoundsAsBf16DoesAlsoInfinityAndNan) {
  const float special[] = {0.0f, -0.0f, INFINITY, -INFINITY, NAN, 3.4e38f, 1.0f + 0x1p-8f, 1e-45f};
  for (int64_t size : {1, 3, 7, 65, 129, 100000}) {
    Array from = Array::random(DType::kF32, {size}, 1, 1e3f), to(DType::kBF16, {size}),
          back(DType::kF32, {size});
    for (int64_t i = 0; i < std::min<int64_t>(size, 8); ++i) from.set(i, special[i]);
    Array truth(DType::kBF16, {size}), back_truth(DType::kF32, {size});
    cpu_kernels().cast(serial_stream(), from, to);
    reference_kernels().cast(serial_stream(), from, truth);
    EXPECT_TRUE(same_bits(to, truth)) << size;
    cpu_kernels().cast(serial_stream(), to, back);
    reference_kernels().cast(serial_stream(), truth, back_truth);
    EXPECT_TRUE(same_bits(back, back_truth)) << size;
  }
}

TEST(SumSquares, IsExactOnSmallIntegers) {
  for (int64_t size : {0, 1, 3, 7, 65, 4096, 4097, 50000}) {
    Array x(DType::kF32, {size});
    double truth = 0;
    for (int64_t i = 0; i < size; ++i) x.set(i, static_cast<float>(i % 7)), truth += (i % 7) * (i % 7);
    double sum = -1;
    cpu_kernels().sum_squares(serial_stream(), x, &sum);
    EXPECT_EQ(sum, truth) << size;
  }
}

TEST(SumSquares, AgreesWithReferenceAndWithItselfOnManyThreads) {
  Pool pool(3);
  Array x = Array::random(DType::kF32, {123457}, 1);
  double serial = 0, threaded = 0, truth = 0;
  cpu_kernels().sum_squares(serial_stream(), x, &serial);
  cpu_kernels().sum_squares(Stream::cpu(pool), x, &threaded);
  reference_kernels().sum_squares(serial_stream(), x, &truth);
  EXPECT_EQ(serial, threaded);
  EXPECT_NEAR(serial, truth, 1e-12 * truth);
}

TEST(SumSquares, DoesNotOverflowWhereF32Would) {
  Array x(DType::kF32, {20});
  for (int64_t i = 0; i < 20; ++i) x.set(i, 1e30f);
  double sum = 0;
  cpu_kernels().sum_squares(serial_stream(), x, &sum);
  EXPECT_NEAR(sum, 2e61, 1e55);
}

}  // namespace
}  // namespace aurora::kernels
