// The promise of train/loop.h: the weights after each step are a function of the recipe alone.

#include <gtest/gtest.h>

#include <cmath>
#include <mutex>
#include <string>
#include <vector>

#include "aurora/base/error.h"
#include "aurora/comm/self.h"
#include "aurora/comm/thread_ranks.h"
#include "aurora/nn/weights_hash.h"
#include "aurora/train/loop.h"
#include "aurora/train/tiny_run.h"

namespace aurora::train {
namespace {

struct Layout {
  int threads = 1;
  int in_flight = 1;
  const char* order = "forward";
  const char* dtype = "bf16";
};

config::Train train_with(const Layout& layout) {
  config::Train train = tiny_train();
  train.strands_in_flight = layout.in_flight;
  train.strand_order = layout.order;
  train.dtype = layout.dtype;
  return train;
}

struct Outcome {
  std::vector<std::string> hashes;  // after each step
  std::vector<double> losses;
  bool operator==(const Outcome&) const = default;
};

Outcome run_rank(comm::Group& group, const Layout& layout) {
  const config::Train train = train_with(layout);
  models::Llama model(tiny_shape());
  ModelState arrays(model, compute_dtype(train));
  Pool pool(layout.threads);
  model.initialise(11, arrays.master(), pool);
  tensor::Arena scratch;
  arrays.refresh({device::Stream::cpu(pool), kernels::kernels_for(device::Kind::kCpu), scratch});
  Outcome outcome;
  Hooks hooks;
  hooks.after_step = [&](const TrainState& state, const StepMetrics&) {
    outcome.hashes.push_back(nn::weights_hash(model.layout(), arrays.master()).hex());
    outcome.losses.push_back(state.loss);
  };
  auto leaves = random_leaves(tiny_shape().vocab, BatchShape(train));
  TrainState state;
  run_loop({train, plan::StepPlan(train), arrays, *leaves, group, pool, 0, hooks, Log::silent()}, state);
  return outcome;
}

Outcome run(const Layout& layout) {
  return run_rank(*comm::self_group(), layout);
}

TEST(LoopBits, LearnsSomething) {
  Outcome outcome = run({});
  ASSERT_EQ(outcome.losses.size(), 4u);
  EXPECT_NEAR(outcome.losses[0], std::log(64.0), 0.2);  // an untrained model is about uniform
  EXPECT_NE(outcome.hashes[0], outcome.hashes[1]);
}

TEST(LoopBits, ThreadsStrandsInFlightAndOrderDoNotMatter) {
  for (const char* dtype : {"bf16", "f32"}) {
    const Outcome reference = run({1, 1, "forward", dtype});
    EXPECT_EQ(run({2, 1, "forward", dtype}), reference) << dtype;
    EXPECT_EQ(run({3, 3, "forward", dtype}), reference) << dtype;
    EXPECT_EQ(run({2, 3, "reverse", dtype}), reference) << dtype;
    EXPECT_EQ(run({1, 1, "reverse", dtype}), reference) << dtype;
  }
}

TEST(LoopBits, RanksDoNotMatterAndAllHoldTheSameWeights) {
  const Outcome reference = run({});
  for (int ranks : {2, 3, 7})  // 7: more ranks than strands
    for (int in_flight : {1, 3}) {
      std::mutex mutex;
      std::vector<Outcome> outcomes;
      comm::run_threads(ranks, [&](comm::Group& group) {
        Outcome outcome = run_rank(group, {1, in_flight, in_flight == 1 ? "forward" : "reverse", "bf16"});
        std::lock_guard lock(mutex);
        outcomes.push_back(outcome);
      });
      ASSERT_EQ(outcomes.size(), static_cast<size_t>(ranks));
      for (const Outcome& outcome : outcomes) EXPECT_EQ(outcome, reference) << ranks << " ranks";
    }
}

TEST(LoopBits, StrandsArePartOfTheResult) {
  // The counter-test: another split of the same samples into strands may round differently. If this fails,
  // the tests above compare nothing.
  config::Train train = tiny_train();
  models::Llama model(tiny_shape());
  auto hash_with = [&](int strands, int leaves) {
    train.strands = strands;
    train.leaves_per_strand = leaves;
    ModelState arrays(model, device::DType::kBF16);
    model.initialise(11, arrays.master(), Pool::serial());
    tensor::Arena scratch;
    arrays.refresh({device::Stream::cpu(Pool::serial()), kernels::kernels_for(device::Kind::kCpu), scratch});
    auto leaf_source = random_leaves(tiny_shape().vocab, BatchShape(train));
    TrainState state;
    auto group = comm::self_group();
    train.steps = 2;
    run_loop(
        {train, plan::StepPlan(train), arrays, *leaf_source, *group, Pool::serial(), 0, {}, Log::silent()},
        state);
    return nn::weights_hash(model.layout(), arrays.master()).hex();
  };
  EXPECT_NE(hash_with(5, 2), hash_with(2, 5));
  EXPECT_EQ(hash_with(5, 2), hash_with(5, 2));
}

TEST(LoopBits, ADivergedStepStopsBeforeTheWeightsAreTouched) {
  config::Train train = tiny_train();
  models::Llama model(tiny_shape());
  ModelState arrays(model, device::DType::kF32);
  model.initialise(11, arrays.master(), Pool::serial());
  model.named_weights(arrays.master())[0].data[0] = std::nanf("");
  const std::string before = nn::weights_hash(model.layout(), arrays.master()).hex();
  auto leaves = random_leaves(tiny_shape().vocab, BatchShape(train));
  auto group = comm::self_group();
  bool saved = false;
  Hooks hooks;
  hooks.save = [&](const TrainState&) { saved = true; };
  train.dtype = "f32";
  train.checkpoint_steps = 1;
  TrainState state;
  try {
    run_loop({train, plan::StepPlan(train), arrays, *leaves, *group, Pool::serial(), 0, hooks, Log::silent()},
             state);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.where(), "step 1");
  }
  EXPECT_FALSE(saved);
  EXPECT_EQ(state.step, 0);
  EXPECT_EQ(nn::weights_hash(model.layout(), arrays.master()).hex(), before);
}

}  // namespace
}  // namespace aurora::train
