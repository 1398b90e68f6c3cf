#include <gtest/gtest.h>

#include <cmath>

#include "aurora/kernels/cpu/classifier.h"
#include "aurora/kernels/reference/classifier.h"
#include "aurora/kernels/test_tensor.h"

namespace aurora::kernels {
namespace {

using device::DType;
using Classify = void (*)(const Stream&, const Classifier&);

Stream stream() {
  static Pool pool(2);
  return Stream::cpu(pool);
}

struct Problem {
  TestTensor x, weight, targets, loss_weights, nll, d_x, d_weight;

  Problem(DType dtype, int64_t r, int64_t c, int64_t v)
      : x(TestTensor::random(dtype, {r, c}, 1)),
        weight(TestTensor::random(dtype, {v, c}, 2)),
        targets(DType::kI32, {r}),
        loss_weights(TestTensor::random(DType::kF32, {r}, 3)),
        nll(DType::kF32, {r}),
        d_x(dtype, {r, c}),
        d_weight(DType::kF32, {v, c}) {
    for (int64_t i = 0; i < r; ++i) targets.view.as<int32_t>()[i] = static_cast<int32_t>(i * 7919 % v);
    if (r > 2) targets.view.as<int32_t>()[2] = -1;
    if (r > 3) loss_weights.set(3, 0);
  }
  Classifier call(bool gradient) const {
    return {x.view,
            weight.view,
            targets.view,
            loss_weights.view,
            nll.view,
            gradient ? d_x.view : View{},
            gradient ? d_weight.view : View{}};
  }
};

TEST(Classifier, gives_the_loss_and_slopes_done_by_hand) {
  for (Classify classify : {reference::classifier, cpu::classifier}) {
    for (DType dtype : {DType::kF32, DType::kBF16}) {
      // Two words, weights 1 and -1, x = 0: both are likely 1/2.
      Problem problem(dtype, 1, 1, 2);
      problem.x.set(0, 0);
      problem.weight.set(0, 1);
      problem.weight.set(1, -1);
      problem.loss_weights.set(0, 4);
      problem.d_weight.set(1, 100);
      classify(stream(), problem.call(true));
      EXPECT_NEAR(problem.nll[0], std::log(2), 1e-7);
      EXPECT_NEAR(problem.d_x[0], 4 * (-0.5 * 1 + 0.5 * -1), 1e-6);
      EXPECT_EQ(problem.d_weight[1], 100);
      problem.x.set(0, 1);
      classify(stream(), problem.call(true));
      EXPECT_NEAR(problem.nll[0], std::log(1 + std::exp(-2)), 1e-6);
      const double p1 = 1 / (1 + std::exp(2));
      EXPECT_NEAR(problem.d_weight[0], 4 * -p1, 4 * p1 * 0x1p-8);
      EXPECT_NEAR(problem.d_weight[1], 100 + 4 * p1, 4 * p1 * 0x1p-8);
    }
  }
}

TEST(Classifier, gives_ignored_rows_no_loss_and_weightless_rows_no_gradient) {
  for (Classify classify : {reference::classifier, cpu::classifier}) {
    Problem problem(DType::kBF16, 5, 8, 11);
    classify(stream(), problem.call(true));
    EXPECT_EQ(problem.nll[2], 0);
    EXPECT_GT(problem.nll[3], 0);
    for (int64_t i = 0; i < 8; ++i) {
      EXPECT_EQ(problem.d_x[2 * 8 + i], 0);
      EXPECT_EQ(problem.d_x[3 * 8 + i], 0);
    }
  }
}

TEST(Classifier, reference_gradients_are_the_slopes_of_the_weighted_loss) {
  Problem problem(DType::kF32, 4, 3, 5);
  reference::classifier(stream(), problem.call(true));
  const auto loss = [&] {
    reference::classifier(stream(), problem.call(false));
    double sum = 0;
    for (int64_t i = 0; i < 4; ++i) sum += problem.nll[i] * problem.loss_weights[i];
    return sum;
  };
  const double step = 1.0 / 128;
  for (TestTensor* input : {&problem.x, &problem.weight}) {
    const TestTensor& gradient = input == &problem.x ? problem.d_x : problem.d_weight;
    for (int64_t i = 0; i < input->elements(); ++i) {
      const double here = (*input)[i];
      input->set(i, here + step);
      const double above = loss();
      input->set(i, here - step);
      const double below = loss();
      input->set(i, here);
      EXPECT_NEAR((above - below) / (2 * step), gradient[i], 1e-4);
    }
  }
}

double worst_ratio(const TestTensor& got, const TestTensor& want, double relative) {
  double worst = 0, size = 0;
  for (int64_t i = 0; i < got.elements(); ++i) size = std::max(size, std::abs(want[i]));
  for (int64_t i = 0; i < got.elements(); ++i)
    worst = std::max(worst, std::abs(got[i] - want[i]) / (relative * size));
  return worst;
}

TEST(Classifier, agrees_with_the_reference_across_blocks_of_rows_and_words) {
  struct Shape {
    int64_t r, c, v;
  };
  for (DType dtype : {DType::kF32, DType::kBF16}) {
    // bf16: p is rounded twice and the output once, 2^-8 each.
    const double relative = dtype == DType::kF32 ? 1e-5 : 3 * 0x1p-8;
    for (const Shape& s : {Shape{1, 1, 2}, {5, 24, 37}, {33, 16, 5000}, {1100, 4, 50}}) {
      Problem got(dtype, s.r, s.c, s.v), want(dtype, s.r, s.c, s.v);
      for (Problem* p : {&got, &want})
        for (int64_t i = 0; i < p->d_weight.elements(); ++i) p->d_weight.set(i, 0.25);
      cpu::classifier(stream(), got.call(true));
      reference::classifier(stream(), want.call(true));
      EXPECT_LE(worst_ratio(got.nll, want.nll, 1e-6), 1) << s.r << " " << s.v;
      EXPECT_LE(worst_ratio(got.d_x, want.d_x, relative), 1) << s.r << " " << s.v;
      EXPECT_LE(worst_ratio(got.d_weight, want.d_weight, relative), 1) << s.r << " " << s.v;
    }
  }
}

TEST(Classifier, nll_has_the_same_bits_without_gradient_and_for_fewer_rows) {
  for (DType dtype : {DType::kF32, DType::kBF16}) {
    const Problem whole(dtype, 70, 40, 2500), without(dtype, 70, 40, 2500), one(dtype, 70, 40, 2500);
    cpu::classifier(stream(), whole.call(true));
    cpu::classifier(stream(), without.call(false));
    EXPECT_TRUE(same_bits(whole.nll, without.nll));
    Classifier call = one.call(false);
    for (View* view : {&call.x, &call.targets, &call.loss_weights, &call.nll}) *view = view->rows(50, 1);
    cpu::classifier(stream(), call);
    EXPECT_EQ(one.nll[50], whole.nll[50]);
  }
}

TEST(Classifier, bits_do_not_depend_on_the_number_of_threads) {
  const Problem one(DType::kBF16, 130, 40, 3000), three(DType::kBF16, 130, 40, 3000);
  Pool pool(3);
  cpu::classifier(Stream::cpu(Pool::serial()), one.call(true));
  cpu::classifier(Stream::cpu(pool), three.call(true));
  EXPECT_TRUE(same_bits(one.nll, three.nll));
  EXPECT_TRUE(same_bits(one.d_x, three.d_x));
  EXPECT_TRUE(same_bits(one.d_weight, three.d_weight));
}

}  // namespace
}  // namespace aurora::kernels
