#include "aurora/autograd/tape.h"

#include <gtest/gtest.h>

#include <numeric>

#include "aurora/autograd/ops.h"

namespace aurora::autograd {
namespace {

View matrix(std::vector<float>& values, int64_t rows) {
  auto columns = static_cast<int64_t>(values.size()) / rows;
  return View::contiguous(values.data(), DType::kF32, {rows, columns});
}

std::vector<float> copied(const View& view) {
  return {view.as<float>(), view.as<float>() + view.elements()};
}

class TapeTest : public ::testing::Test {
 protected:
  TapeTest() {
    std::iota(x_.begin(), x_.end(), -5.0f);
    std::iota(w_.begin(), w_.end(), -7.0f);
    std::iota(seed_.begin(), seed_.end(), 1.0f);
  }
  Weight weight(bool wanted = true) { return {matrix(w_, 4), wanted ? matrix(d_w_, 4) : View{}}; }
  // Two residual branches with the same weight: x + xW, twice.
  Variable residual(Tape& tape, Variable x, const Weight& w) {
    for (int i = 0; i < 2; ++i) {
      Tape::Scope scope(tape);
      x = add(tape, x, linear(tape, x, w));
    }
    return x;
  }

  std::vector<float> x_ = std::vector<float>(12), w_ = std::vector<float>(16);
  std::vector<float> d_w_ = std::vector<float>(16), seed_ = std::vector<float>(12);
  tensor::Arena arena_;
  Exec exec_{device::Stream::cpu(Pool::serial()), kernels::reference_kernels(), arena_};
};

TEST_F(TapeTest, ASharedWeightGetsTheSumOfItsGradients) {
  // d/dw of seed . (x + w x) where all is 1 x 1: x = 2, w = 3; y = x (1 + w)^2, dy/dw = 2 x (1 + w) = 16,
  // dy/dx = 16.
  std::vector<float> x = {2}, w = {3}, d_w = {0}, seed = {1};
  Tape tape(exec_, Recording::kOn);
  Variable in = tape.input(matrix(x, 1), true);
  Variable out = residual(tape, in, {matrix(w, 1), matrix(d_w, 1)});
  EXPECT_EQ(tape.value(out).as<float>()[0], 32);
  tape.seed(out, matrix(seed, 1));
  tape.backward();
  EXPECT_EQ(d_w[0], 16);
  EXPECT_EQ(tape.gradient(in).as<float>()[0], 16);
}

TEST_F(TapeTest, TwoHalvesAreTheWhole) {
  std::vector<float> whole, in_halves;
  std::vector<float> d_x_whole, d_x_in_halves;
  for (bool halves : {false, true}) {
    std::fill(d_w_.begin(), d_w_.end(), 0.0f);
    Tape tape(exec_, Recording::kOn);
    Variable x = tape.input(matrix(x_, 3), true);
    Variable out = residual(tape, x, weight());
    tape.seed(out, matrix(seed_, 3));
    if (halves) {
      tape.backward_inputs();
      d_x_in_halves = copied(tape.gradient(x));
      EXPECT_EQ(d_w_, std::vector<float>(16));  // weights wait
      tape.backward_weights();
      in_halves = d_w_;
    } else {
      tape.backward();
      d_x_whole = copied(tape.gradient(x));
      whole = d_w_;
    }
    tape.clear();
  }
  EXPECT_EQ(in_halves, whole);
  EXPECT_EQ(d_x_in_halves, d_x_whole);
  EXPECT_NE(whole, std::vector<float>(16));
}

TEST_F(TapeTest, FrozenWeightsLetGradientsThroughAndConstantInputsStopThem) {
  Tape tape(exec_, Recording::kOn);
  Variable x = tape.input(matrix(x_, 3), true);
  Variable out = linear(tape, x, weight(false));
  tape.seed(out, matrix(seed_, 3));
  tape.backward();
  EXPECT_EQ(d_w_, std::vector<float>(16));
  EXPECT_NE(copied(tape.gradient(x)), std::vector<float>(12));
  tape.clear();

  Variable constant = tape.input(matrix(x_, 3));
  EXPECT_TRUE(tape.wants_gradient(linear(tape, constant, weight())));
  EXPECT_FALSE(tape.wants_gradient(linear(tape, constant, weight(false))));
}

TEST_F(TapeTest, WithoutRecordingScopesGiveTheirMemoryBack) {
  Tape tape(exec_, Recording::kOff);
  auto peak_after = [&](int layers) {
    tape.clear();
    Variable x = tape.input(matrix(x_, 3));
    for (int i = 0; i < layers; ++i) residual(tape, x, weight());
    return arena_.peak_bytes();
  };
  size_t one = peak_after(1);
  EXPECT_EQ(peak_after(50), one);
}

TEST_F(TapeTest, GradientsAreGivenBackOnTheWay) {
  Tape tape(exec_, Recording::kOn);
  Variable x = tape.input(matrix(x_, 3), true);
  for (int i = 0; i < 50; ++i) x = linear(tape, x, weight());
  size_t forward = arena_.peak_bytes();
  tape.seed(x, matrix(seed_, 3));
  tape.backward();
  EXPECT_LE(arena_.peak_bytes(), forward + 2 * 128);  // two alive at a time
}

}  // namespace
}  // namespace aurora::autograd
