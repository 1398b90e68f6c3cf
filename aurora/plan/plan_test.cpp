#include <gtest/gtest.h>

#include <cmath>

#include "aurora/base/error.h"
#include "aurora/plan/memory.h"
#include "aurora/plan/shape.h"

namespace aurora::plan {
namespace {

config::Model sized(const std::string& size) {
  config::Model model;
  model.size = size;
  return model;
}

TEST(ModelShape, CountsASmallModelByHand) {
  ModelShape s;
  s.layers = 1;
  s.width = 4;
  s.heads = 2;
  s.kv_heads = 1;
  s.head_size = 2;
  s.hidden = 3;
  s.vocab = 5;
  // qkv 8x4 + out 4x4 + gate, up, down 3x(3x4) + two norms of 4 = 92; final norm 4; embedding 20.
  EXPECT_EQ(parameter_count(s), 92 + 4 + 20);
  s.tied = false;
  EXPECT_EQ(parameter_count(s), 92 + 4 + 40);
  // Products: 2 * (32 + 16 + 36 + 20); attention at T = 3: 2 keys on average, 2*4*2 for scores, as much for
  // values.
  EXPECT_DOUBLE_EQ(forward_flops_per_token(s, 3), 2 * 104 + 32);
  EXPECT_DOUBLE_EQ(training_flops_per_token(s, 3), 3 * 240);
}

TEST(ModelShape, OptionsOfPublishedModelsAreCounted) {
  ModelShape s;
  s.layers = 1;
  s.width = 4;
  s.heads = 2;
  s.kv_heads = 1;
  s.head_size = 6;  // not C/H
  s.hidden = 3;
  s.vocab = 5;
  // qkv 24x4 + out 4x12 + 3x(3x4) + norms 8 = 188; final norm 4; embedding 20.
  EXPECT_EQ(parameter_count(s), 188 + 4 + 20);
  s.qkv_bias = true;
  EXPECT_EQ(parameter_count(s), 188 + 4 + 20 + 24);
  s.qk_norm = true;
  EXPECT_EQ(parameter_count(s), 188 + 4 + 20 + 24 + 12);
  // Rows see 1, 2, 2, 2, 2 keys.
  double all = forward_flops_per_token(s, 5);
  s.window = 2;
  EXPECT_DOUBLE_EQ(all - forward_flops_per_token(s, 5), 4.0 * 12 * (3 - 9.0 / 5));
  s.window = 5;
  EXPECT_DOUBLE_EQ(forward_flops_per_token(s, 5), all);
}

TEST(ModelShape, RopeScalingSlowsTheLowFrequencies) {
  ModelShape s;
  s.head_size = 4;
  s.rope_theta = 10000;
  EXPECT_EQ(rope_frequencies(s), (std::vector<double>{1, 0.01}));
  s.rope_scaling = {.kind = RopeScaling::Kind::kLinear, .factor = 4};
  EXPECT_EQ(rope_frequencies(s), (std::vector<double>{0.25, 0.0025}));
  s.rope_scaling.kind = RopeScaling::Kind::kLlama3;
  // Within 100 tokens: 15.9 turns, kept; 0.159 turns, below one, divided.
  s.rope_scaling.original_positions = 100;
  EXPECT_EQ(rope_frequencies(s), (std::vector<double>{1, 0.0025}));
  // Within 1000 tokens 1.59 turns: 0.197 of the way from 1 to 4.
  s.rope_scaling.original_positions = 1000;
  EXPECT_EQ(rope_frequencies(s)[0], 1);
  EXPECT_NEAR(rope_frequencies(s)[1], 0.0025 + 0.0075 * (10 / (2 * M_PI) - 1) / 3, 1e-12);
}

TEST(ModelShape, TheBenchmarkShapeIsTheFamiliar124M) {
  ModelShape s = model_shape(sized("124M"), 50304);
  EXPECT_EQ(parameter_count(s), 12 * (7077888 + 2 * 768) + 768 + 50304 * 768);
  EXPECT_EQ(parameter_count(s), 123'587'328);
  EXPECT_DOUBLE_EQ(forward_flops_per_token(s, 1024), 2.0 * 123'568'128 + 12 * 2.0 * 768 * 1025);
  EXPECT_DOUBLE_EQ(training_flops_per_token(s, 1024), 798'087'168);
}

TEST(ModelShape, PresetsHaveTheSizesOfTheirNames) {
  struct Expected {
    const char* name;
    int64_t vocab;
    bool tied;
    double least, most;
  };
  const Expected expected[] = {
      {"tiny", 512, true, 0.09e6, 0.15e6},   {"1M", 2048, true, 0.9e6, 1.2e6},
      {"3M", 4096, true, 2.8e6, 3.4e6},      {"8M", 8192, true, 7.5e6, 8.5e6},
      {"30M", 8192, true, 26e6, 34e6},       {"124M", 50304, true, 120e6, 128e6},
      {"350M", 50304, true, 340e6, 370e6},   {"1B", 32768, true, 0.95e9, 1.3e9},
      {"7B", 32000, false, 5.92e9, 5.94e9},  // AuroraGPT-7B is published as 5.93B
      {"70B", 32000, false, 68.9e9, 69.0e9}, {"1T", 131072, false, 0.98e12, 1.02e12},
  };
  ASSERT_EQ(std::size(expected), preset_names().size());
  for (const Expected& e : expected) {
    config::Model model = sized(e.name);
    model.tied_embeddings = e.tied;
    auto count = static_cast<double>(parameter_count(model_shape(model, e.vocab)));
    EXPECT_GE(count, e.least) << e.name;
    EXPECT_LE(count, e.most) << e.name;
  }
}

TEST(ModelShape, KeysOverrideThePreset) {
  config::Model model = sized("8M");
  model.layers = 3;
  model.hidden = 320;
  ModelShape s = model_shape(model, 100);
  EXPECT_EQ(s.layers, 3);
  EXPECT_EQ(s.width, 256);
  EXPECT_EQ(s.kv_heads, 2);
  EXPECT_EQ(s.hidden, 320);
  model.width = 512;
  s = model_shape(model, 100);
  EXPECT_EQ(s.heads, 8);
  EXPECT_EQ(s.kv_heads, 8);
  EXPECT_EQ(s.head_size, 64);
  EXPECT_EQ(s.hidden, 320);
}

TEST(ModelShape, LayersAndWidthAreEnough) {
  config::Model model;
  model.layers = 2;
  model.width = 96;
  ModelShape s = model_shape(model, 10);
  EXPECT_EQ(s.heads, 3);
  EXPECT_EQ(s.kv_heads, 3);
  EXPECT_EQ(s.hidden, 256);
}

TEST(ModelShape, ImpossibleShapesAreWrongUsage) {
  config::Model model = sized("124");
  EXPECT_THROW(model_shape(model, 10), UsageError);
  model = sized("124M");
  model.heads = 7;
  EXPECT_THROW(model_shape(model, 10), UsageError);
  model.heads = 0;
  model.kv_heads = 5;
  EXPECT_THROW(model_shape(model, 10), UsageError);
  EXPECT_THROW(model_shape(config::Model{}, 10), UsageError);
  EXPECT_THROW(model_shape(sized("1M"), 0), UsageError);
  model = sized("1M");
  model.heads = 128;  // head size 1
  EXPECT_THROW(model_shape(model, 10), UsageError);
}

TEST(TrainingMemory, AddsUpAndFitsTheBenchmarkInEightGibibytes) {
  ModelShape s = model_shape(sized("124M"), 50304);
  TrainingLayout layout;
  layout.sequence_length = 1024;
  layout.strands = 2;
  layout.strands_in_flight = 2;
  TrainingMemory memory = training_memory(s, layout);
  EXPECT_EQ(memory.masters, 4 * 123'587'328);
  EXPECT_EQ(memory.moments, 8 * 123'587'328);
  EXPECT_EQ(memory.compute, 2 * 123'587'328);
  EXPECT_EQ(memory.gradients, 2 * 4 * 123'587'328);
  // (12 * 12,288 kept + 8,448 gradients + 2,304) bf16 elements per row, and 170 f32.
  EXPECT_EQ(memory.activations, 2 * 1024 * ((12 * 12288 + 8448 + 2304) * 2 + 170 * 4));
  EXPECT_LT(memory.total(), int64_t{8} << 30);
}

TEST(TrainingMemory, StrandsInFlightCostBuffersButNeverMoreThanThereAreStrands) {
  ModelShape s = model_shape(sized("1M"), 1000);
  TrainingLayout layout;
  layout.strands = 8;
  int64_t one = training_memory(s, layout).gradients;
  EXPECT_EQ(one, 4 * parameter_count(s) * 4);  // itself and 3 levels
  layout.strands_in_flight = 8;
  EXPECT_EQ(training_memory(s, layout).gradients, 4 * parameter_count(s) * 8);
}

TEST(PlanTable, NamesTheNumbers) {
  std::string table = plan_table(model_shape(sized("124M"), 50304), TrainingLayout{});
  EXPECT_NE(table.find("123.59 M"), std::string::npos) << table;
  EXPECT_NE(table.find("12 layers"), std::string::npos) << table;
}

}  // namespace
}  // namespace aurora::plan
