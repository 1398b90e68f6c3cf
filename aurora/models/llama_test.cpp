#include "aurora/models/llama.h"

#include <gtest/gtest.h>

#include <cmath>
#include <thread>

#include "aurora/models/testing.h"
#include "aurora/optim/adamw.h"

namespace aurora::models {
namespace {

using kernels::cpu_kernels;
using kernels::reference_kernels;
using testing::random_leaf;
using testing::Running;
using testing::small_shape;

constexpr auto kF32 = device::DType::kF32;
constexpr auto kBF16 = device::DType::kBF16;

TEST(Llama, HoldsAsManyParametersAsThePlanSays) {
  plan::ModelShape shape = small_shape();
  EXPECT_EQ(Llama(shape).layout().parameter_count(), plan::parameter_count(shape));
  shape.tied = false;
  EXPECT_EQ(Llama(shape).layout().parameter_count(), plan::parameter_count(shape));
  for (const plan::ModelShape& optional : testing::optional_shapes())
    EXPECT_EQ(Llama(optional).layout().parameter_count(), plan::parameter_count(optional));
}

TEST(Llama, CostsAsManyOperationsAsThePlanSays) {
  plan::ModelShape windowed = small_shape();
  windowed.window = 3;
  for (const plan::ModelShape& shape : {small_shape(), windowed}) {
    Running model(shape, reference_kernels(), kF32);
    nn::Leaf leaf = random_leaf(2, 10, 61);
    autograd::Tape tape(model.exec, autograd::Recording::kOn);
    nn::Rows rows{model.exec.upload(leaf.tokens.data(), device::DType::kI32, {20}),
                  model.exec.upload(leaf.positions.data(), device::DType::kI32, {20}),
                  model.exec.upload(leaf.segment_begin.data(), device::DType::kI32, {2, 10})};
    const std::vector<nn::Weight> weights =
        nn::weights_of(model.llama.layout(), model.compute.flat(), model.gradient.flat());
    nn::Variable x = model.llama.hidden(tape, weights, rows);
    autograd::classifier(tape, x, weights[0],
                         model.exec.upload(leaf.targets.data(), device::DType::kI32, {20}),
                         model.exec.upload(leaf.loss_weights.data(), kF32, {20}));
    autograd::Cost cost = tape.cost();
    EXPECT_DOUBLE_EQ(cost.forward, 20 * plan::forward_flops_per_token(shape, 10));
    EXPECT_DOUBLE_EQ(cost.forward + cost.backward_input + cost.backward_weight,
                     20 * plan::training_flops_per_token(shape, 10));
  }
}

TEST(Llama, GradientOfTheWholeModelAgreesWithFiniteDifferences) {
  std::vector<plan::ModelShape> shapes = testing::optional_shapes();
  shapes.push_back(small_shape());
  for (const plan::ModelShape& shape : shapes) {
    Running model(shape, reference_kernels(), kF32);
    model.enlarge(8);
    nn::Leaf leaf = random_leaf(2, 9, shape.vocab);
    leaf.loss_weights[3] = 0;
    leaf.loss_weights[5] = 2.5f;
    for (int t = 4; t < 9; ++t) leaf.segment_begin[t] = 4, leaf.positions[t] = t - 4;
    model.train_on(leaf);

    const nn::ParameterLayout& layout = model.llama.layout();
    for (size_t p = 0; p < layout.parameters().size(); ++p) {
      // Along one random direction per parameter.
      View values = layout.view(static_cast<int>(p), model.compute.flat());
      View gradient = layout.view(static_cast<int>(p), model.gradient.flat());
      auto* at = values.as<float>();
      std::vector<float> saved(at, at + values.elements());
      RandomKey key = random_key(3, Purpose::kTest, {p});
      double along = 0;
      for (size_t i = 0; i < saved.size(); ++i) {
        along += double{gradient.as<float>()[i]} * double{random_normal(i, key)};
      }
      constexpr double kStep = 1e-3;
      auto loss_at = [&](double step) {
        for (size_t i = 0; i < saved.size(); ++i) {
          at[i] = static_cast<float>(double{saved[i]} + step * double{random_normal(i, key)});
        }
        return model.llama.loss(model.exec, model.compute.flat(), leaf);
      };
      double difference = (loss_at(kStep) - loss_at(-kStep)) / (2 * kStep);
      std::copy(saved.begin(), saved.end(), at);
      double scale = 0;
      for (int64_t i = 0; i < gradient.elements(); ++i) {
        scale += double{gradient.as<float>()[i]} * double{gradient.as<float>()[i]};
      }
      EXPECT_GT(scale, 1e-4) << layout.parameters()[p].name;
      EXPECT_NEAR(difference, along, 5e-3 * std::sqrt(scale) + 2e-3) << layout.parameters()[p].name;
    }
  }
}

TEST(Llama, GradientsAreAddedToWhatIsThere) {
  Running model(small_shape(), cpu_kernels(), kF32);
  nn::Leaf leaf = random_leaf(1, 8, 61);
  model.train_on(leaf);
  std::vector<float> once = model.gradient_values();
  model.train_on(leaf);
  std::vector<float> twice = model.gradient_values();
  for (size_t i = 0; i < once.size(); ++i)
    EXPECT_NEAR(twice[i], 2 * once[i], 1e-5 + 1e-4 * std::fabs(once[i]));
}

TEST(Llama, LearnsOneLeafByHeart) {
  Running model(small_shape(), cpu_kernels(), kBF16);
  nn::Leaf leaf = random_leaf(2, 16, 61);
  nn::ParameterArena m(model.llama.layout(), kF32), v(model.llama.layout(), kF32);
  optim::AdamW adamw({}, model.llama.layout().decayed_ranges());
  double first = 0, last = 0;
  for (int step = 1; step <= 40; ++step) {
    std::memset(model.gradient.flat().data, 0, model.gradient.flat().bytes());
    last = model.train_on(leaf) / 32;
    if (step == 1) first = last;
    adamw.step(model.exec, {.number = step, .learning_rate = 1e-2, .gradient_scale = 1.0 / 32},
               model.master.flat(), {m.flat(), v.flat()}, model.gradient.flat(), model.compute.flat());
  }
  EXPECT_NEAR(first, std::log(61.0), 0.1);  // knows nothing at first
  EXPECT_LT(last, 0.5);
}

TEST(Llama, BitsDoNotDependOnThreads) {
  plan::ModelShape shape = small_shape();
  nn::Leaf leaf = random_leaf(2, 70, shape.vocab);
  for (auto act : {kF32, kBF16}) {
    Running one(shape, cpu_kernels(), act, 1), three(shape, cpu_kernels(), act, 3);
    EXPECT_EQ(one.train_on(leaf), three.train_on(leaf));
    EXPECT_EQ(one.gradient_values(), three.gradient_values());
  }
}

TEST(Llama, StrandsInFlightDoNotDisturbEachOther) {
  Running alone(small_shape(), cpu_kernels(), kBF16);
  nn::Leaf leaf = random_leaf(2, 20, 61);
  alone.train_on(leaf);
  Running first(small_shape(), cpu_kernels(), kBF16, 2);
  tensor::Arena other_arena;
  Exec other{first.exec.stream, cpu_kernels(), other_arena};
  nn::ParameterArena other_gradient(first.llama.layout(), kF32);
  std::thread thread(
      [&] { first.llama.loss_and_gradient(other, first.compute.flat(), leaf, other_gradient.flat()); });
  first.train_on(leaf);
  thread.join();
  EXPECT_EQ(first.gradient_values(), alone.gradient_values());
  EXPECT_EQ(
      std::memcmp(other_gradient.flat().data, alone.gradient.flat().data, alone.gradient.flat().bytes()), 0);
}

TEST(Llama, TheForwardPassIsTheSameWithAndWithoutATape) {
  for (auto act : {kF32, kBF16}) {
    Running model(small_shape(), cpu_kernels(), act);
    nn::Leaf leaf = random_leaf(2, 24, 61);
    std::vector<float> recorded(leaf.tokens.size());
    double sum = model.train_on(leaf, recorded.data());
    EXPECT_EQ(model.nll(leaf), recorded);
    EXPECT_EQ(model.llama.loss(model.exec, model.compute.flat(), leaf), sum);
  }
}

TEST(Llama, TwoDocumentsInOneSequenceDoNotSeeEachOther) {
  Running model(small_shape(), cpu_kernels(), kF32);
  model.enlarge(8);
  nn::Leaf first = random_leaf(1, 7, 61, 1), second = random_leaf(1, 9, 61, 2);
  nn::Leaf packed = first;
  packed.length = 16;
  auto append = [](auto& to, const auto& from) { to.insert(to.end(), from.begin(), from.end()); };
  append(packed.tokens, second.tokens);
  append(packed.targets, second.targets);
  append(packed.loss_weights, second.loss_weights);
  append(packed.positions, second.positions);
  packed.segment_begin.resize(16, 7);
  std::vector<float> nll = model.nll(packed), alone = model.nll(first), after = model.nll(second);
  for (size_t t = 0; t < 7; ++t) EXPECT_EQ(nll[t], alone[t]);
  // Key blocks are aligned at row 0 of the sequence, so the second document's sums may be cut elsewhere.
  for (size_t t = 0; t < 9; ++t) EXPECT_NEAR(nll[7 + t], after[t], 1e-5f * after[t]);
  packed.segment_begin.assign(16, 0);
  EXPECT_GT(std::fabs(model.nll(packed)[10] - after[3]), 1e-3f);
}

TEST(Llama, LossWeightsWeighTheLossAndTheGradient) {
  Running model(small_shape(), cpu_kernels(), kF32);
  nn::Leaf leaf = random_leaf(1, 6, 61);
  std::vector<float> nll = model.nll(leaf);
  leaf.loss_weights = {0, 0, 0.5f, 0, 0, 0};
  EXPECT_EQ(model.nll(leaf), nll);
  EXPECT_EQ(model.train_on(leaf), 0.5 * double{nll[2]});
  std::vector<float> half = model.gradient_values();
  std::memset(model.gradient.flat().data, 0, model.gradient.flat().bytes());
  leaf.loss_weights[2] = 1;
  model.train_on(leaf);
  std::vector<float> whole = model.gradient_values();
  double sum = 0;
  for (size_t i = 0; i < half.size(); ++i) {
    EXPECT_EQ(whole[i], 2 * half[i]);
    sum += std::fabs(double{whole[i]});
  }
  EXPECT_GT(sum, 1);
}

TEST(Llama, Bf16IsCloseToF32) {
  nn::Leaf leaf = random_leaf(2, 40, 61);
  Running wide(small_shape(), cpu_kernels(), kF32), narrow(small_shape(), cpu_kernels(), kBF16);
  wide.enlarge(4);
  narrow.enlarge(4);
  std::vector<float> exact = wide.nll(leaf), rounded = narrow.nll(leaf);
  for (size_t i = 0; i < exact.size(); ++i) EXPECT_NEAR(rounded[i], exact[i], 0.02f * exact[i]);
}

TEST(Llama, CpuKernelsAgreeWithTheReference) {
  nn::Leaf leaf = random_leaf(2, 33, 61);
  Running fast(small_shape(), cpu_kernels(), kF32), truth(small_shape(), reference_kernels(), kF32);
  fast.enlarge(4);
  truth.enlarge(4);
  EXPECT_NEAR(fast.train_on(leaf), truth.train_on(leaf), 1e-3);
  std::vector<float> got = fast.gradient_values(), expected = truth.gradient_values();
  for (size_t i = 0; i < got.size(); ++i) {
    EXPECT_NEAR(got[i], expected[i], 1e-4 + 1e-3 * std::fabs(expected[i])) << i;
  }
}

}  // namespace
}  // namespace aurora::models
