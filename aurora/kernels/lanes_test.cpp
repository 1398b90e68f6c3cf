#include "aurora/kernels/cpu/lanes.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "aurora/kernels/cpu/isa.h"

namespace aurora::kernels::cpu {
namespace {

std::vector<Isa> sets_of_this_machine() {
  std::vector<Isa> sets = {Isa::kPortable};
  if (isa() != Isa::kPortable) sets.push_back(Isa::kAvx2);
  if (isa() == Isa::kAvx512) sets.push_back(Isa::kAvx512);
  return sets;
}

// From -100 to 100 in steps that are no round numbers.
std::vector<float> arguments() {
  std::vector<float> x;
  for (double at = -100; at < 100; at += 0.00317) x.push_back(static_cast<float>(at));
  return x;
}

enum class Function { kExp, kSigmoid, kSum };

std::vector<float> apply(Function function, Isa set, const std::vector<float>& x) {
  std::vector<float> y(x.size());
  const float* from = x.data();
  float* to = y.data();
  const auto size = static_cast<int64_t>(x.size());
  run_on(
      set, [&]() __attribute__((always_inline)) {
        for_lanes(
            size, [&](int64_t i, auto count) __attribute__((always_inline)) {
              const Lanes lanes = load(from + i, count);
              if (function == Function::kExp)
                store(to + i, exp(lanes), count);
              else if (function == Function::kSigmoid)
                store(to + i, sigmoid(lanes), count);
              else
                store(to + i, splat(sum(lanes)), count);
            });
      });
  return y;
}

TEST(Lanes, ExpAndSigmoidKeepTheirErrorBounds) {
  const std::vector<float> x = arguments();
  const std::vector<float> e = apply(Function::kExp, isa(), x), s = apply(Function::kSigmoid, isa(), x);
  double exp_error = 0, sigmoid_error = 0;
  for (size_t i = 0; i < x.size(); ++i) {
    const double bounded = std::min(std::max(double{x[i]}, -87.0), 88.0);
    exp_error = std::max(exp_error, std::abs(e[i] / std::exp(bounded) - 1));
    if (x[i] > -87)
      sigmoid_error = std::max(sigmoid_error, std::abs(s[i] * (1 + std::exp(-double{x[i]})) - 1));
  }
  EXPECT_LE(exp_error, 0x1p-22);
  EXPECT_LE(sigmoid_error, 0x1p-21);
  RecordProperty("exp_error", std::to_string(exp_error));
}

TEST(Lanes, ExpKnowsItsSpecialValues) {
  const std::vector<float> y = apply(Function::kExp, isa(), {0.0f, -0.0f, NAN, INFINITY, -INFINITY});
  EXPECT_EQ(y[0], 1);
  EXPECT_EQ(y[1], 1);
  EXPECT_TRUE(std::isnan(y[2]));
  EXPECT_FLOAT_EQ(y[3], std::exp(88.0f));
  EXPECT_FLOAT_EQ(y[4], std::exp(-87.0f));
}

TEST(Lanes, EveryInstructionSetGivesTheSameBits) {
  const std::vector<float> x = arguments();
  for (Function function : {Function::kExp, Function::kSigmoid, Function::kSum}) {
    const std::vector<float> truth = apply(function, Isa::kPortable, x);
    for (Isa set : sets_of_this_machine())
      EXPECT_EQ(std::memcmp(truth.data(), apply(function, set, x).data(), x.size() * sizeof(float)), 0)
          << static_cast<int>(set);
  }
}

}  // namespace
}  // namespace aurora::kernels::cpu
