#include <gtest/gtest.h>

#include <cmath>

#include "aurora/base/error.h"
#include "aurora/optim/adamw.h"
#include "aurora/optim/clip.h"
#include "aurora/optim/schedule.h"

namespace aurora::optim {
namespace {

using device::DType;

View flat(std::vector<float>& values) {
  return View::contiguous(values.data(), DType::kF32, {static_cast<int64_t>(values.size())});
}

class OnTheCpu : public ::testing::Test {
 protected:
  Pool pool_{2};
  tensor::Arena arena_;
  Exec exec_{device::Stream::cpu(pool_), kernels::cpu_kernels(), arena_};
};

using AdamWTest = OnTheCpu;

TEST_F(AdamWTest, FirstStepMovesByTheLearningRateAgainstTheSign) {
  std::vector<float> w = {1, -2, 3}, m(3), v(3), g = {0.5f, -4, 0};
  AdamW adamw({.weight_decay = 0}, {});
  adamw.step(exec_, {.number = 1, .learning_rate = 0.1}, flat(w), {flat(m), flat(v)}, flat(g), View{});
  EXPECT_NEAR(w[0], 0.9f, 1e-6);
  EXPECT_NEAR(w[1], -1.9f, 1e-6);
  EXPECT_EQ(w[2], 3);
  EXPECT_NEAR(m[1], -0.4f, 1e-6);  // (1 - 0.9) * -4
  EXPECT_NEAR(v[1], 0.8f, 1e-6);   // (1 - 0.95) * 16
}

TEST_F(AdamWTest, DecaysOnlyTheRangesNamed) {
  std::vector<float> w(10, 1.0f), m(10), v(10), g(10), compute(10);
  AdamW adamw({.weight_decay = 0.5}, {{2, 4}, {4, 5}, {8, 9}});
  adamw.step(exec_, {.number = 1, .learning_rate = 0.1}, flat(w), {flat(m), flat(v)}, flat(g), flat(compute));
  for (size_t i = 0; i < 10; ++i) {
    bool decayed = (i >= 2 && i < 5) || i == 8;
    EXPECT_FLOAT_EQ(w[i], decayed ? 0.95f : 1.0f) << i;
    EXPECT_EQ(compute[i], w[i]);
  }
}

TEST_F(AdamWTest, FollowsTheTextbookForManySteps) {
  AdamWSettings settings{.beta1 = 0.9, .beta2 = 0.95, .epsilon = 1e-8, .weight_decay = 0.1};
  std::vector<float> w = {0.3f, -0.7f}, m(2), v(2), g(2);
  double expected[2] = {w[0], w[1]}, first[2] = {}, second[2] = {};
  AdamW adamw(settings, {{0, 1}});
  for (int step = 1; step <= 30; ++step) {
    for (size_t i = 0; i < 2; ++i) g[i] = std::sin(static_cast<float>(step) + static_cast<float>(i));
    adamw.step(exec_, {.number = step, .learning_rate = 0.01, .gradient_scale = 0.25}, flat(w),
               {flat(m), flat(v)}, flat(g), View{});
    for (size_t i = 0; i < 2; ++i) {
      double gradient = 0.25 * double{g[i]};
      first[i] = 0.9 * first[i] + 0.1 * gradient;
      second[i] = 0.95 * second[i] + 0.05 * gradient * gradient;
      double m_hat = first[i] / (1 - std::pow(0.9, step)), v_hat = second[i] / (1 - std::pow(0.95, step));
      double decay = i == 0 ? 0.1 : 0;
      expected[i] -= 0.01 * (m_hat / (std::sqrt(v_hat) + 1e-8) + decay * expected[i]);
    }
  }
  for (size_t i = 0; i < 2; ++i) EXPECT_NEAR(w[i], expected[i], 1e-5);
}

using ClipTest = OnTheCpu;

TEST_F(ClipTest, NormIsThatOfAllElements) {
  std::vector<float> g = {3, 0, -4};
  EXPECT_DOUBLE_EQ(gradient_norm(exec_, flat(g)), 5);
}

TEST(Clip, OnlyWhatIsTooLongIsShortened) {
  EXPECT_EQ(clip_factor(0.5, 1), 1);
  EXPECT_EQ(clip_factor(4, 1), 0.25);
  EXPECT_EQ(clip_factor(4, 0), 1);  // off
  EXPECT_EQ(clip_factor(0, 1), 1);
}

config::Train train_with(const std::string& schedule) {
  config::Train train;
  train.schedule = schedule;
  train.learning_rate = 1;
  train.final_learning_rate_share = 0.1;
  train.warmup_steps = 4;
  return train;
}

TEST(Schedule, WarmsUpLinearly) {
  for (const char* name : {"cosine", "wsd", "constant"}) {
    Schedule schedule = make_schedule(train_with(name), 100);
    EXPECT_DOUBLE_EQ(schedule.learning_rate(0), 0.25) << name;
    EXPECT_DOUBLE_EQ(schedule.learning_rate(3), 1) << name;
    EXPECT_DOUBLE_EQ(schedule.learning_rate(4), 1) << name;
  }
}

TEST(Schedule, CosineEndsAtTheFinalShare) {
  Schedule schedule = make_schedule(train_with("cosine"), 105);  // 100 steps from peak to end
  EXPECT_DOUBLE_EQ(schedule.learning_rate(54), 0.55);
  EXPECT_DOUBLE_EQ(schedule.learning_rate(104), 0.1);
}

TEST(Schedule, WsdStaysAtThePeakAndCoolsDownAtTheEnd) {
  Schedule schedule = make_schedule(train_with("wsd"), 100);  // cools for 20
  EXPECT_DOUBLE_EQ(schedule.learning_rate(79), 1);
  EXPECT_DOUBLE_EQ(schedule.learning_rate(89), 0.55);
  EXPECT_DOUBLE_EQ(schedule.learning_rate(99), 0.1);
}

TEST(Schedule, ConstantStays) {
  EXPECT_DOUBLE_EQ(make_schedule(train_with("constant"), 100).learning_rate(99), 1);
}

TEST(Schedule, WarmupIsTwoPercentUnlessSaid) {
  config::Train train = train_with("cosine");
  train.warmup_steps = 0;
  EXPECT_EQ(make_schedule(train, 1000).warmup_steps, 20);
  EXPECT_EQ(make_schedule(train, 10).warmup_steps, 1);
}

TEST(Schedule, SurvivesRunsShorterThanTheWarmup) {
  for (const char* name : {"cosine", "wsd", "constant"}) {
    for (int64_t steps : {1, 2, 3, 5}) {
      Schedule schedule = make_schedule(train_with(name), steps);
      for (int64_t step = 0; step < steps; ++step) {
        EXPECT_GT(schedule.learning_rate(step), 0);
        EXPECT_LE(schedule.learning_rate(step), 1);
      }
    }
  }
}

TEST(Schedule, AnUnknownOneIsWrongUsage) {
  EXPECT_THROW(make_schedule(train_with("linear"), 10), UsageError);
}

}  // namespace
}  // namespace aurora::optim
