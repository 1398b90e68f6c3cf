#include "aurora/train/state.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "aurora/base/error.h"

namespace aurora::train {
namespace {

TEST(TrainState, ComesBackFromJsonBitForBit) {
  CheckpointState state;
  state.loop.step = 7;
  state.loop.samples = (uint64_t{1} << 60) + 1;
  state.loop.tokens = 12345;
  state.loop.remember(0.1 + 0.2);
  state.loop.remember(std::nextafter(3.0, 4.0));
  state.weights_hash = "00ff";
  EXPECT_EQ(parse_state(to_json(state), "test"), state);
}

TEST(TrainState, RemembersTheLast128Losses) {
  TrainState state;
  for (int i = 0; i < 200; ++i) state.remember(i);
  EXPECT_EQ(state.recent_losses.size(), 128u);
  EXPECT_EQ(state.recent_losses.front(), 72);
  EXPECT_EQ(state.loss, 199);
}

TEST(TrainState, DamagedJsonIsAnErrorNamingTheFile) {
  for (const char* text : {"", "{}", "{\"step\": \"x\"}", "[1"}) {
    try {
      parse_state(text, "some/state.json");
      FAIL() << text;
    } catch (const Error& error) {
      EXPECT_EQ(error.where(), "some/state.json");
    }
  }
}

TEST(CheckStep, NotANumberAlwaysStops) {
  config::Train train;
  TrainState state;
  state.step = 41;
  EXPECT_NO_THROW(check_step(state, 5.0, 1.0, train));
  EXPECT_THROW(check_step(state, 5.0, std::numeric_limits<double>::infinity(), train), Error);
  try {
    check_step(state, std::nan(""), 1.0, train);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.where(), "step 42");
    EXPECT_THAT(error.remedy(), testing::HasSubstr("learning_rate"));
  }
}

TEST(CheckStep, ASpikeStopsOnlyWhereAskedForAndOnlyAfterEnoughSteps) {
  config::Train train;
  TrainState state;
  for (int i = 0; i < 15; ++i) state.remember(i % 2 == 0 ? 2.9 : 3.1);  // deviation 0.1
  train.spike_sigma = 6;
  EXPECT_NO_THROW(check_step(state, 9.0, 1.0, train));
  state.remember(3.1);
  EXPECT_THROW(check_step(state, 3.7, 1.0, train), Error);
  EXPECT_NO_THROW(check_step(state, 3.55, 1.0, train));
  EXPECT_NO_THROW(check_step(state, 1.0, 1.0, train));
  train.spike_sigma = 0;
  EXPECT_NO_THROW(check_step(state, 9.0, 1.0, train));
}

}  // namespace
}  // namespace aurora::train
