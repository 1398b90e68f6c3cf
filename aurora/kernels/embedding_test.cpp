#include "aurora/kernels/testing.h"

namespace aurora::kernels {
namespace {

TEST(Embedding, CpuAgreesWithReferenceBitForBit) {
  for (DType dtype : {DType::kF32, DType::kBF16}) {
    for (int64_t width : {1, 7, 65, 129, 300}) {
      const int64_t rows = 129, vocabulary = 11;
      Array table = Array::random(dtype, {vocabulary, width}, 1);
      Array tokens = Array::random_i32({rows}, 2, vocabulary);
      Array d_out = Array::random(dtype, {rows, width}, 3);
      Array out(dtype, {rows, width}), out_truth(dtype, {rows, width});
      Array d_table = Array::random(DType::kF32, {vocabulary, width}, 4), d_truth = d_table.clone();
      const Stream stream = serial_stream();
      cpu_kernels().embedding_forward(stream, table, tokens, out);
      reference_kernels().embedding_forward(stream, table, tokens, out_truth);
      EXPECT_TRUE(same_bits(out, out_truth)) << width;
      cpu_kernels().embedding_backward(stream, d_out, tokens, d_table);
      reference_kernels().embedding_backward(stream, d_out, tokens, d_truth);
      EXPECT_TRUE(same_bits(d_table, d_truth)) << width;  // both add rows in ascending order
    }
  }
}

TEST(Embedding, GradientOfARepeatedTokenIsTheSumOfItsRows) {
  Array tokens(DType::kI32, {3}), d_out(DType::kF32, {3, 1}), d_table(DType::kF32, {2, 1});
  tokens.view().as<int32_t>()[0] = 1, tokens.view().as<int32_t>()[2] = 1;
  for (int64_t i = 0; i < 3; ++i) d_out.set(i, static_cast<float>(i + 1));
  cpu_kernels().embedding_backward(serial_stream(), d_out, tokens, d_table);
  EXPECT_EQ(d_table.get(0), 2);
  EXPECT_EQ(d_table.get(1), 4);
}

TEST(Embedding, GradientAgreesWithFiniteDifferences) {
  Array table = Array::random(DType::kF32, {4, 3}, 1), tokens = Array::random_i32({6}, 2, 4);
  Array weights = Array::random(DType::kF32, {6, 3}, 3), out(DType::kF32, {6, 3}),
        d_table(DType::kF32, {4, 3});
  reference_kernels().embedding_backward(serial_stream(), weights, tokens, d_table);
  expect_gradient(table, out, weights, d_table,
                  [&] { reference_kernels().embedding_forward(serial_stream(), table, tokens, out); });
}

TEST(Embedding, BitsDoNotDependOnTheNumberOfThreads) {
  Pool pool(3);
  Array tokens = Array::random_i32({500}, 2, 50), d_out = Array::random(DType::kBF16, {500, 333}, 3);
  Array a(DType::kF32, {50, 333}), b(DType::kF32, {50, 333});
  cpu_kernels().embedding_backward(serial_stream(), d_out, tokens, a);
  cpu_kernels().embedding_backward(Stream::cpu(pool), d_out, tokens, b);
  EXPECT_TRUE(same_bits(a, b));
}

TEST(EmbeddingDeathTest, TokenBeyondTheTableIsABug) {
  Array table(DType::kF32, {4, 3}), tokens(DType::kI32, {1}), out(DType::kF32, {1, 3});
  tokens.view().as<int32_t>()[0] = 4;
  EXPECT_DEATH(cpu_kernels().embedding_forward(serial_stream(), table, tokens, out), "token 4 of 4");
}

}  // namespace
}  // namespace aurora::kernels
