// Every op of the list against finite differences, in f32 with the reference kernels.
#include <gtest/gtest.h>

#include <cmath>

#include "aurora/autograd/op_list.h"
#include "aurora/autograd/ops.h"
#include "aurora/base/random.h"

namespace aurora::autograd {
namespace {

class Checked {
 public:
  explicit Checked(const Op& op) : op_(op), example_(op.example()) {
    uint64_t array = 0;
    for (const auto& shape : example_.inputs) inputs_.push_back(random_array(shape, array++));
    if (!example_.weight.empty()) weight_ = random_array(example_.weight, array++);
    d_weight_.assign(weight_.size(), 0.25f);  // gradients of weights are added to what is there
  }

  void check() {
    run_backward();
    for (size_t i = 0; i < inputs_.size(); ++i) compare("input", inputs_[i], d_inputs_[i]);
    for (float& d : d_weight_) d -= 0.25f;
    compare("weight", weight_, d_weight_);
  }

 private:
  static std::vector<float> random_array(const std::vector<int64_t>& shape, uint64_t array) {
    size_t count = 1;
    for (int64_t extent : shape) count *= static_cast<size_t>(extent);
    std::vector<float> values(count);
    RandomKey key = random_key(1, Purpose::kTest, {array});
    for (size_t i = 0; i < count; ++i) values[i] = random_normal(i, key);
    return values;
  }

  static View view(std::vector<float>& values, const std::vector<int64_t>& shape) {
    if (shape.size() == 1) return View::contiguous(values.data(), DType::kF32, {shape[0]});
    return View::contiguous(values.data(), DType::kF32, {shape[0], shape[1]});
  }

  Variable apply(Tape& tape, bool gradients) {
    copies_ = inputs_;  // an op may write over its input
    variables_.clear();
    for (size_t i = 0; i < copies_.size(); ++i) {
      variables_.push_back(tape.input(view(copies_[i], example_.inputs[i]), gradients));
    }
    Weight weight;
    if (!weight_.empty()) {
      weight.value = view(weight_, example_.weight);
      if (gradients) weight.gradient = view(d_weight_, example_.weight);
    }
    return example_.apply(tape, variables_, weight);
  }

  float seed(size_t i) const {
    return example_.seed.empty() ? random_normal(i, random_key(2, Purpose::kTest)) : example_.seed[i];
  }

  double loss() {
    Exec exec = make_exec();
    Tape tape(exec, Recording::kOff);
    View out = tape.value(apply(tape, false));
    double sum = 0;
    for (int64_t i = 0; i < out.elements(); ++i) {
      sum += double{seed(static_cast<size_t>(i))} * double{out.as<float>()[i]};
    }
    tape.clear();
    return sum;
  }

  void run_backward() {
    Exec exec = make_exec();
    Tape tape(exec, Recording::kOn);
    Variable out = apply(tape, true);
    std::vector<float> seeds(static_cast<size_t>(tape.value(out).elements()));
    for (size_t i = 0; i < seeds.size(); ++i) seeds[i] = seed(i);
    View seed_view = tape.value(out);
    seed_view.data = seeds.data();
    if (!op_.is_loss) tape.seed(out, seed_view);
    tape.backward();
    for (Variable variable : variables_) {
      View d = tape.gradient(variable);
      d_inputs_.emplace_back(d.as<float>(), d.as<float>() + d.elements());
    }
  }

  // Relative to the largest element: 1e-3 of it is far above f32 rounding and far below any mistake.
  void compare(const char* what, std::vector<float>& at, const std::vector<float>& gradient) {
    constexpr float kStep = 5e-3f;
    double largest = 0;
    for (float g : gradient) largest = std::max(largest, std::fabs(double{g}));
    for (size_t i = 0; i < at.size(); ++i) {
      float saved = at[i];
      at[i] = saved + kStep;
      double above = loss();
      at[i] = saved - kStep;
      double below = loss();
      at[i] = saved;
      EXPECT_NEAR((above - below) / (2 * double{kStep}), gradient[i], 1e-3 * largest + 1e-6)
          << op_.name << ", " << what << " element " << i;
    }
    EXPECT_TRUE(at.empty() || largest > 0.01) << op_.name << ": nothing flows to the " << what;
  }

  Exec make_exec() { return {device::Stream::cpu(Pool::serial()), kernels::reference_kernels(), arena_}; }

  const Op& op_;
  GradientExample example_;
  tensor::Arena arena_;
  std::vector<std::vector<float>> inputs_, copies_, d_inputs_;
  std::vector<float> weight_, d_weight_;
  std::vector<Variable> variables_;
};

TEST(Gradient, OfEveryOpAgreesWithFiniteDifferences) {
  ASSERT_GE(std::size(kAllOps), 8u);
  for (const Op* op : kAllOps) Checked(*op).check();
}

}  // namespace
}  // namespace aurora::autograd
