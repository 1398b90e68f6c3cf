#include <gtest/gtest.h>

#include <cmath>

#include "aurora/nn/parameters.h"
#include "aurora/nn/weights_hash.h"

namespace aurora::nn {
namespace {

constexpr auto kF32 = DType::kF32;

// A matrix of two parts and a norm; fused, or each part alone and in another order.
ParameterLayout fused() {
  ParameterLayout layout;
  layout.add({.name = "norm", .shape = {5}, .parts = {}});
  layout.add({.name = "qk", .shape = {7, 3}, .parts = {{"q", 0, 4}, {"k", 0, 3}}, .init_deviation = 0.5f});
  return layout;
}
ParameterLayout apart() {
  ParameterLayout layout;
  layout.add({.name = "k", .shape = {3, 3}, .parts = {}, .init_deviation = 0.5f});
  layout.add({.name = "q", .shape = {4, 3}, .parts = {}, .init_deviation = 0.5f});
  layout.add({.name = "norm", .shape = {5}, .parts = {}});
  return layout;
}

TEST(ParameterLayout, AlignsParametersAndCountsWithoutPadding) {
  ParameterLayout layout = fused();
  EXPECT_EQ(layout[0].offset, 0);
  EXPECT_EQ(layout[1].offset, 64);
  EXPECT_EQ(layout.elements(), 128);
  EXPECT_EQ(layout.parameter_count(), 26);
  EXPECT_EQ(layout[1].parts[1].begin_row, 4);
}

TEST(ParameterLayout, GivesViewsIntoAnArena) {
  ParameterLayout layout = fused();
  ParameterArena arena(layout, DType::kBF16);
  View qk = layout.view(1, arena.flat());
  EXPECT_EQ(qk.rank, 2);
  EXPECT_EQ(qk.dim(0), 7);
  EXPECT_EQ(qk.data, static_cast<char*>(arena.flat().data) + 128);
  EXPECT_EQ(layout.view(0, arena.flat()).rank, 1);
}

TEST(ParameterLayout, DecaysMatricesButNotNorms) {
  ParameterLayout layout = apart();
  layout.add({.name = "last", .shape = {2, 2}, .parts = {}});
  EXPECT_EQ(layout.decayed_ranges(), (std::vector<tensor::Range>{{0, 128}, {192, 256}}));
}

TEST(NamedParts, AreInNameOrder) {
  std::vector<NamedPart> parts = named_parts(fused());
  ASSERT_EQ(parts.size(), 3u);
  EXPECT_EQ(parts[0].name, "k");
  EXPECT_EQ(parts[0].offset, 64 + 12);
  EXPECT_EQ(parts[0].shape, (std::vector<int64_t>{3, 3}));
  EXPECT_EQ(parts[1].name, "norm");
  EXPECT_EQ(parts[2].name, "q");
}

TEST(Initialise, DependsOnSeedAndNameButNotOnLayoutOrThreads) {
  Pool three(3);
  ParameterLayout a = fused(), b = apart();
  ParameterArena x(a, kF32), y(b, kF32), other(a, kF32);
  initialise(a, 1, x.flat(), Pool::serial());
  initialise(b, 1, y.flat(), three);
  initialise(a, 2, other.flat(), three);
  EXPECT_EQ(weights_hash(a, x.flat()), weights_hash(b, y.flat()));
  EXPECT_NE(weights_hash(a, x.flat()), weights_hash(a, other.flat()));
  for (int i = 0; i < 5; ++i) EXPECT_EQ(x.flat().as<float>()[i], 1);
  for (int i = 5; i < 64; ++i) EXPECT_EQ(x.flat().as<float>()[i], 0);
}

TEST(Initialise, DrawsFromTheNormalDistributionAsked) {
  ParameterLayout layout;
  layout.add({.name = "w", .shape = {300, 400}, .parts = {}, .init_deviation = 0.02f});
  ParameterArena arena(layout, kF32);
  Pool pool(2);
  initialise(layout, 5, arena.flat(), pool);
  double sum = 0, squares = 0;
  for (int i = 0; i < 120'000; ++i) {
    double value = double{arena.flat().as<float>()[i]};
    sum += value;
    squares += value * value;
  }
  // Five standard errors.
  EXPECT_NEAR(sum / 120'000, 0, 5 * 0.02 / std::sqrt(120'000));
  EXPECT_NEAR(std::sqrt(squares / 120'000), 0.02, 5 * 0.02 / std::sqrt(2 * 120'000));
}

TEST(WeightsHash, IsThatOfTheBytesInTheFormatsDocument) {
  ParameterLayout layout;
  layout.add({.name = "w", .shape = {2}, .parts = {}});
  ParameterArena arena(layout, kF32);
  arena.flat().as<float>()[0] = 1;
  arena.flat().as<float>()[1] = -2;
  const unsigned char bytes[] = {1, 0, 0, 0, 0, 0, 0, 0, 'w', 1, 0,    0,    0, 0, 0, 0,   0,
                                 2, 0, 0, 0, 0, 0, 0, 0, 0,   0, 0x80, 0x3f, 0, 0, 0, 0xc0};
  EXPECT_EQ(weights_hash(layout, arena.flat()),
            xxh3_128({reinterpret_cast<const char*>(bytes), sizeof bytes}));
}

TEST(WeightsHash, SeesNameShapeAndEveryBit) {
  ParameterLayout layout = fused();
  ParameterArena arena(layout, kF32);
  Hash128 zeros = weights_hash(layout, arena.flat());
  float* values = arena.flat().as<float>();
  values[70] = -0.0f;
  EXPECT_NE(weights_hash(layout, arena.flat()), zeros);
  values[70] = 0;
  values[40] = 1;  // padding
  EXPECT_EQ(weights_hash(layout, arena.flat()), zeros);
  values[40] = 0;

  ParameterLayout renamed, reshaped;
  renamed.add({.name = "norm", .shape = {5}, .parts = {}});
  renamed.add({.name = "qk", .shape = {7, 3}, .parts = {{"q", 0, 4}, {"v", 0, 3}}});
  EXPECT_NE(weights_hash(renamed, arena.flat()), zeros);
  reshaped.add({.name = "norm", .shape = {5}, .parts = {}});
  reshaped.add({.name = "qk", .shape = {7, 3}, .parts = {{"q", 0, 3}, {"k", 0, 4}}});
  EXPECT_NE(weights_hash(reshaped, arena.flat()), zeros);
}

}  // namespace
}  // namespace aurora::nn
