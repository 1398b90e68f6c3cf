#include <gtest/gtest.h>

#include <cmath>

#include "aurora/kernels/cpu/attention.h"
#include "aurora/kernels/reference/attention.h"
#include "aurora/kernels/test_tensor.h"

namespace aurora::kernels {
namespace {

using device::DType;

struct Backend {
  std::string name;
  const cpu::Microkernel* kernel;  // null: the reference

  static Stream stream() {
    static Pool pool(2);
    return Stream::cpu(pool);
  }
  void forward(const Attention& call) const {
    kernel ? cpu::attention_forward_with(*kernel, stream(), call)
           : reference::attention_forward(stream(), call);
  }
  void backward(const AttentionBackward& call) const {
    kernel ? cpu::attention_backward_with(*kernel, stream(), call)
           : reference::attention_backward(stream(), call);
  }
};

std::vector<Backend> cpu_backends(DType dtype) {
  std::vector<Backend> all;
  for (const cpu::Microkernel* kernel : cpu::usable_microkernels(dtype))
    all.push_back({kernel->name, kernel});
  return all;
}

struct Shape {
  int64_t b, t, h, g, d;
};

// Tensors of one self-attention. q, k and v are interleaved in one [B, T, H + 2G, D], as a fused projection
// leaves them.
struct Problem {
  Shape shape;
  TestTensor qkv, d_qkv, segment_begin, out, d_out, lse;

  Problem(DType dtype, Shape s)
      : shape(s),
        qkv(TestTensor::random(dtype, {s.b, s.t, s.h + 2 * s.g, s.d}, 1, 2)),
        d_qkv(dtype, {s.b, s.t, s.h + 2 * s.g, s.d}),
        segment_begin(DType::kI32, {s.b, s.t}),
        out(dtype, {s.b, s.t, s.h, s.d}),
        d_out(TestTensor::random(dtype, {s.b, s.t, s.h, s.d}, 2)),
        lse(DType::kF32, {s.b, s.h, s.t}) {}

  // Documents begin at these rows in every sequence.
  void segments(std::initializer_list<int64_t> begins) {
    for (int64_t b = 0; b < shape.b; ++b)
      for (int64_t begin : begins)
        for (int64_t i = begin; i < shape.t; ++i)
          segment_begin.view.as<int32_t>()[b * shape.t + i] = static_cast<int32_t>(begin);
  }
  static View heads(const View& qkv, int64_t first, int64_t count) {
    View view = qkv;
    view.data =
        static_cast<char*>(qkv.data) + first * qkv.strides[2] * static_cast<int64_t>(dtype_size(qkv.dtype));
    view.shape[2] = count;
    return view;
  }
  Attention forward() const {
    return {heads(qkv.view, 0, shape.h),
            heads(qkv.view, shape.h, shape.g),
            heads(qkv.view, shape.h + shape.g, shape.g),
            segment_begin.view,
            out.view,
            lse.view};
  }
  AttentionBackward backward() const {
    return {forward(), d_out.view, heads(d_qkv.view, 0, shape.h), heads(d_qkv.view, shape.h, shape.g),
            heads(d_qkv.view, shape.h + shape.g, shape.g)};
  }
};

double largest_difference(const TestTensor& a, const TestTensor& b) {
  double worst = 0;
  for (int64_t i = 0; i < a.elements(); ++i) {
    if (std::isnan(a[i]) || std::isnan(b[i])) return INFINITY;
    worst = std::max(worst, std::abs(a[i] - b[i]));
  }
  return worst;
}

TEST(Attention, of_the_first_row_is_its_value_and_equal_scores_average) {
  for (DType dtype : {DType::kF32, DType::kBF16}) {
    std::vector<Backend> backends = cpu_backends(dtype);
    backends.push_back({"reference", nullptr});
    for (const Backend& backend : backends) {
      // q, k, v of two rows, one head of size 1. q is 0, so both keys count alike.
      Problem problem(dtype, {1, 2, 1, 1, 1});
      const double values[] = {0, 5, 3, 0, 7, 9};
      for (int64_t i = 0; i < 6; ++i) problem.qkv.set(i, values[i]);
      backend.forward(problem.forward());
      EXPECT_EQ(problem.out[0], 3) << backend.name;
      EXPECT_EQ(problem.out[1], 6) << backend.name;
      EXPECT_EQ(problem.lse[0], 0) << backend.name;
      EXPECT_NEAR(problem.lse[1], std::log(2), 1e-7) << backend.name;
      problem.segments({0, 1});
      backend.forward(problem.forward());
      EXPECT_EQ(problem.out[1], 9) << backend.name;
    }
  }
}

TEST(Attention, weighs_values_by_the_exponential_of_scaled_scores) {
  std::vector<Backend> backends = cpu_backends(DType::kF32);
  backends.push_back({"reference", nullptr});
  for (const Backend& backend : backends) {
    // Head size 4: scores 2 ln 3 / sqrt(4) = ln 3 and 0, so weights 3/4 and 1/4.
    Problem problem(DType::kF32, {1, 2, 1, 1, 4});
    for (int64_t i = 0; i < problem.qkv.elements(); ++i) problem.qkv.set(i, 0);
    problem.qkv.set(4, 1);                   // k of row 0
    problem.qkv.set(8, 4);                   // v of row 0
    problem.qkv.set(12, 2 * std::log(3.0));  // q of row 1
    problem.qkv.set(20, 8);                  // v of row 1
    backend.forward(problem.forward());
    EXPECT_NEAR(problem.out[4], 5, 1e-5) << backend.name;
    EXPECT_NEAR(problem.lse[1], std::log(4), 1e-6) << backend.name;
  }
}

TEST(Attention, reference_gradients_are_the_slopes_of_its_forward) {
  Problem problem(DType::kF32, {1, 5, 2, 1, 3});
  problem.segments({0, 2});
  const Backend reference{"reference", nullptr};
  reference.forward(problem.forward());
  reference.backward(problem.backward());
  const auto loss = [&] {
    reference.forward(problem.forward());
    double sum = 0;
    for (int64_t i = 0; i < problem.out.elements(); ++i) sum += problem.out[i] * problem.d_out[i];
    return sum;
  };
  const double step = 1.0 / 128;
  for (int64_t i = 0; i < problem.qkv.elements(); ++i) {
    const double here = problem.qkv[i];
    problem.qkv.set(i, here + step);
    const double above = loss();
    problem.qkv.set(i, here - step);
    const double below = loss();
    problem.qkv.set(i, here);
    EXPECT_NEAR((above - below) / (2 * step), problem.d_qkv[i], 3e-4) << i;
  }
}

const Shape kShapes[] = {
    {1, 1, 1, 1, 1}, {2, 7, 2, 1, 5}, {1, 300, 2, 2, 64}, {1, 130, 6, 2, 32}, {2, 97, 3, 1, 80}};

TEST(Attention, forward_agrees_with_the_reference) {
  for (DType dtype : {DType::kF32, DType::kBF16}) {
    for (const Shape& shape : kShapes) {
      for (bool packed : {false, true}) {
        Problem problem(dtype, shape), exact(dtype, shape);
        for (Problem* p : {&problem, &exact})
          if (packed) p->segments({0, shape.t / 3, shape.t / 2, shape.t - 1});
        Backend{"reference", nullptr}.forward(exact.forward());
        for (const Backend& backend : cpu_backends(dtype)) {
          backend.forward(problem.forward());
          const std::string what =
              fmt::format("{} {} T {} D {}", backend.name, dtype_name(dtype), shape.t, shape.d);
          // Outputs are averages of values below 2: one rounding of P and one of the output in bf16.
          EXPECT_LE(largest_difference(problem.out, exact.out), dtype == DType::kF32 ? 1e-5 : 0x1p-6) << what;
          EXPECT_LE(largest_difference(problem.lse, exact.lse), 1e-5) << what;
        }
      }
    }
  }
}

TEST(Attention, backward_agrees_with_the_reference) {
  for (DType dtype : {DType::kF32, DType::kBF16}) {
    for (const Shape& shape : kShapes) {
      for (bool packed : {false, true}) {
        Problem problem(dtype, shape), exact(dtype, shape);
        for (Problem* p : {&problem, &exact})
          if (packed) p->segments({0, shape.t / 3, shape.t / 2, shape.t - 1});
        Backend{"reference", nullptr}.forward(exact.forward());
        Backend{"reference", nullptr}.backward(exact.backward());
        double size = 0;
        for (int64_t i = 0; i < exact.d_qkv.elements(); ++i) size = std::max(size, std::abs(exact.d_qkv[i]));
        for (const Backend& backend : cpu_backends(dtype)) {
          backend.forward(problem.forward());
          backend.backward(problem.backward());
          const double bound = (dtype == DType::kF32 ? 1e-5 : 0x1p-6) * std::max(1.0, size);
          EXPECT_LE(largest_difference(problem.d_qkv, exact.d_qkv), bound)
              << backend.name << " " << dtype_name(dtype) << " T " << shape.t << " D " << shape.d;
        }
      }
    }
  }
}

TEST(Attention, bits_do_not_depend_on_the_number_of_threads) {
  Problem one(DType::kBF16, {1, 260, 6, 3, 64}), three(DType::kBF16, {1, 260, 6, 3, 64});
  Pool pool(3);
  cpu::attention_forward(Stream::cpu(Pool::serial()), one.forward());
  cpu::attention_backward(Stream::cpu(Pool::serial()), one.backward());
  cpu::attention_forward(Stream::cpu(pool), three.forward());
  cpu::attention_backward(Stream::cpu(pool), three.backward());
  EXPECT_TRUE(same_bits(one.out, three.out));
  EXPECT_TRUE(same_bits(one.lse, three.lse));
  EXPECT_TRUE(same_bits(one.d_qkv, three.d_qkv));
}

}  // namespace
}  // namespace aurora::kernels
