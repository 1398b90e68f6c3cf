// Decoding step by step is the training forward, bit for bit.
#include <gtest/gtest.h>

#include <cmath>

#include "aurora/models/testing.h"

namespace aurora::models {
namespace {

using kernels::cpu_kernels;
using testing::random_leaf;
using testing::Running;
using testing::small_shape;

std::vector<float> copied(const View& logits) {
  return {logits.as<float>(), logits.as<float>() + logits.elements()};
}

// Logits of all positions, the tokens given in pieces.
std::vector<float> in_pieces(Running& model, const std::vector<int32_t>& tokens, size_t piece) {
  KvCache cache(model.llama.shape(), model.compute.flat().dtype, 1, 100);
  std::vector<float> all;
  for (size_t begin = 0; begin < tokens.size(); begin += piece) {
    size_t count = std::min(piece, tokens.size() - begin);
    View logits = model.llama.logits(model.exec, model.compute.flat(), {tokens.data() + begin, count}, cache);
    EXPECT_EQ(logits.dim(0), static_cast<int64_t>(count));
    std::vector<float> piece_logits = copied(logits);
    all.insert(all.end(), piece_logits.begin(), piece_logits.end());
  }
  EXPECT_EQ(cache.length(), static_cast<int64_t>(tokens.size()));
  return all;
}

TEST(Decode, StepByStepEqualsAllAtOnceBitForBit) {
  nn::Leaf leaf = random_leaf(1, 83, 61);
  for (auto act : {device::DType::kF32, device::DType::kBF16}) {
    Running model(small_shape(), cpu_kernels(), act);
    model.enlarge(8);
    std::vector<float> at_once = in_pieces(model, leaf.tokens, 83);
    EXPECT_EQ(in_pieces(model, leaf.tokens, 1), at_once);
    EXPECT_EQ(in_pieces(model, leaf.tokens, 17), at_once);
  }
}

TEST(Decode, LogitsGiveTheLossOfTraining) {
  nn::Leaf leaf = random_leaf(1, 40, 61);
  for (auto act : {device::DType::kF32, device::DType::kBF16}) {
    Running model(small_shape(), cpu_kernels(), act);
    model.enlarge(8);
    std::vector<float> logits = in_pieces(model, leaf.tokens, 1), nll = model.nll(leaf);
    for (size_t t = 0; t < 40; ++t) {
      const float* row = &logits[t * 61];
      double sum = 0;
      for (int v = 0; v < 61; ++v) sum += std::exp(double{row[v]});
      EXPECT_NEAR(std::log(sum) - double{row[leaf.targets[t]]}, nll[t], 1e-5 * (1 + std::fabs(nll[t])));
    }
  }
}

TEST(Decode, SequencesSideBySideDoNotSeeEachOther) {
  Running model(small_shape(), cpu_kernels(), device::DType::kBF16);
  model.enlarge(8);
  nn::Leaf leaf = random_leaf(2, 12, 61);
  std::vector<int32_t> first(leaf.tokens.begin(), leaf.tokens.begin() + 12);
  std::vector<int32_t> second(leaf.tokens.begin() + 12, leaf.tokens.end());
  std::vector<float> expected = in_pieces(model, first, 12), behind = in_pieces(model, second, 12);
  expected.insert(expected.end(), behind.begin(), behind.end());
  KvCache cache(small_shape(), device::DType::kBF16, 2, 12);
  EXPECT_EQ(copied(model.llama.logits(model.exec, model.compute.flat(), leaf.tokens, cache)), expected);

  cache.truncate(0);
  std::vector<float> last =
      copied(model.llama.logits(model.exec, model.compute.flat(), leaf.tokens, cache, 1));
  ASSERT_EQ(last.size(), 2u * 61);
  EXPECT_TRUE(std::equal(last.begin(), last.begin() + 61, expected.begin() + 11 * 61));
  EXPECT_TRUE(std::equal(last.begin() + 61, last.end(), expected.begin() + 23 * 61));
}

TEST(Decode, ATruncatedCacheForgets) {
  Running model(small_shape(), cpu_kernels(), device::DType::kF32);
  KvCache cache(small_shape(), device::DType::kF32, 1, 8);
  std::vector<int32_t> tokens = {1, 2, 3, 4};
  std::vector<float> once = copied(model.llama.logits(model.exec, model.compute.flat(), tokens, cache));
  cache.truncate(2);
  std::vector<float> tail =
      copied(model.llama.logits(model.exec, model.compute.flat(), {tokens.data() + 2, 2}, cache));
  EXPECT_TRUE(std::equal(tail.begin(), tail.end(), once.begin() + 2 * 61));
}

}  // namespace
}  // namespace aurora::models
