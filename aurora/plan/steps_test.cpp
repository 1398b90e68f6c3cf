#include "aurora/plan/steps.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "aurora/base/error.h"

namespace aurora::plan {
namespace {

config::Recipe recipe() {
  config::Recipe recipe;
  recipe.train.steps = 10;
  recipe.train.sequence_length = 8;
  recipe.train.strands = 3;
  recipe.train.leaves_per_strand = 1;
  recipe.train.leaf_sequences = 2;  // 6 samples, 48 tokens a step
  return recipe;
}

config::TrainStage stage(const char* name, int64_t from_tokens, int leaves = 0, int length = 0) {
  config::TrainStage stage;
  stage.name = name;
  stage.from_tokens = from_tokens;
  stage.leaves_per_strand = leaves;
  stage.sequence_length = length;
  return stage;
}

TEST(StepPlan, WithoutStagesEveryStepIsTheSame) {
  const StepPlan plan(recipe().train);
  EXPECT_EQ(plan.steps(), 10);
  EXPECT_EQ(plan.samples(), 60u);
  EXPECT_EQ(plan.tokens_before(3), 3u * 48);
  EXPECT_EQ(plan.phases().size(), 1u);
  EXPECT_EQ(plan.stage_of(0), -1);
}

TEST(StepPlan, TokensAreRoundedUpToWholeSteps) {
  config::Recipe r = recipe();
  r.train.steps = 0;
  r.train.tokens = 97;
  EXPECT_EQ(StepPlan(r.train, r.stages).steps(), 3);
  r.stages = {stage("big", 48, 5)};  // one step of 48, then steps of 240
  EXPECT_EQ(StepPlan(r.train, r.stages).steps(), 2);
}

TEST(StepPlan, AStageBeginsWithTheFirstStepThatHasSeenItsTokens) {
  config::Recipe r = recipe();
  r.stages = {stage("a", 49, 2), stage("b", 300, 0, 2)};
  const StepPlan plan(r.train, r.stages);
  ASSERT_EQ(plan.phases().size(), 3u);
  EXPECT_EQ(plan.at(1), plan.phases()[0]);
  EXPECT_EQ(plan.at(2), (Phase{2, 12, 2, 1, 12}));  // 96 tokens seen
  EXPECT_EQ(plan.at(5), (Phase{5, 48, 2, 4, 12}));  // 384 seen; the batch keeps its tokens
  EXPECT_EQ(plan.samples(), 48u + 5 * 12);
  EXPECT_EQ(plan.samples_before(5), 48u);
}

TEST(StepPlan, AStageAtZeroIsTheStart) {
  config::Recipe r = recipe();
  r.stages = {stage("short", 0, 0, 4), stage("long", 96, 0, 8)};
  const StepPlan plan(r.train, r.stages);
  ASSERT_EQ(plan.phases().size(), 2u);
  EXPECT_EQ(plan.at(0).cuts, 2);
  EXPECT_EQ(plan.stage_of(0), 0);
  EXPECT_EQ(plan.at(2).cuts, 1);
}

TEST(StepPlan, StagesThatCanNeverBeAreRefused) {
  config::Recipe r = recipe();
  r.stages = {stage("late", 480, 2)};
  EXPECT_THROW((StepPlan{r.train, r.stages}), UsageError);
  r.stages = {stage("a", 47, 2), stage("b", 48, 3)};  // both would begin with step 1
  EXPECT_THROW((StepPlan{r.train, r.stages}), UsageError);
  r.stages.clear();
  r.train.steps = 0;
  EXPECT_THROW((StepPlan{r.train, r.stages}), UsageError);
}

}  // namespace
}  // namespace aurora::plan
