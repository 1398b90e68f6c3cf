// An answer never depends on who else is asking.
#include <gtest/gtest.h>

#include "aurora/format/quant_blocks.h"
#include "aurora/infer/invariance.h"
#include "aurora/infer/llama_step_model.h"
#include "aurora/kernels/packed.h"
#include "aurora/models/testing.h"

namespace aurora::infer {
namespace {

using testing::byte_tokens;
using testing::kFakeVocab;
using testing::Load;
using testing::Sizes;

TEST(EngineInvariance, OfALanguageThatDependsOnEveryToken) {
  const auto make = [](const EngineSettings& settings, int64_t pages, Pool& pool) {
    return std::make_unique<Engine>(std::make_unique<testing::FakeModel>(testing::babble, pages),
                                    byte_tokens(), settings, pool);
  };
  Load load(1, 200, Sizes{}, make);
  EngineStats all;
  for (uint64_t seed = 0; seed < 24; ++seed) {
    SCOPED_TRACE(seed);
    const EngineStats stats = load.run(seed, 1 + static_cast<int>(seed % 3));
    all.preemptions += stats.preemptions;
    all.prefix_tokens += stats.prefix_tokens;
    all.accepted_tokens += stats.accepted_tokens;
    all.cancelled += stats.cancelled;
  }
  // The load met what it is to show.
  EXPECT_GT(all.preemptions, 50);
  EXPECT_GT(all.prefix_tokens, 1000);
  EXPECT_GT(all.accepted_tokens, 100);
  EXPECT_GT(all.cancelled, 20);
}

plan::ModelShape tiny_shape() {
  plan::ModelShape shape = models::testing::small_shape();
  shape.vocab = kFakeVocab;
  shape.hidden = 64;  // whole groups of 32
  return shape;
}

// Every matrix in blocks of 32 with 8 bits.
models::InferenceWeights int8_weights(const models::testing::Running& running) {
  const format::BlockFormat& q8 = format::block_format(format::BlockType::kQ8_0);
  models::InferenceWeights weights =
      models::InferenceWeights::of_arena(running.llama.layout(), running.compute.flat());
  const std::vector<nn::Parameter>& parameters = running.llama.layout().parameters();
  for (int i = 0; i < static_cast<int>(parameters.size()); ++i) {
    const nn::Parameter& parameter = parameters[static_cast<size_t>(i)];
    if (parameter.shape.size() != 2) continue;
    const int64_t rows = parameter.shape[0], columns = parameter.shape[1];
    const float* values = running.master.flat().as<float>() + parameter.offset;
    const auto read = [&](int64_t row, int64_t count, void* out) {
      q8.encode(values + row * columns, count * columns / q8.block_elements, out);
    };
    const kernels::PackSpec spec{
        .n = rows, .k = columns, .format = kernels::PackFormat::kInt8, .act = running.compute.flat().dtype};
    weights.set_packed(
        i, std::make_shared<const kernels::PackedWeight>(kernels::pack_weight(spec, read, Pool::serial())));
  }
  return weights;
}

struct LlamaCase {
  device::DType act = device::DType::kBF16;
  bool int8 = false;     // weights
  bool kv_int8 = false;  // keys and values
  int rounds = 1;
};

void check_llama(const LlamaCase& one) {
  models::testing::Running running(tiny_shape(), kernels::cpu_kernels(), one.act);
  running.enlarge(8);
  const models::InferenceWeights weights =
      one.int8 ? int8_weights(running)
               : models::InferenceWeights::of_arena(running.llama.layout(), running.compute.flat());
  models::PagedCacheSettings cache{.act = one.act};
  if (one.kv_int8) cache.format = kernels::PageFormat::kInt8;
  const size_t page_bytes =
      models::PagedCache::page_bytes(kernels::cpu_kernels(), tiny_shape(), one.act, cache.format);
  const auto make = [&](const EngineSettings& settings, int64_t pages, Pool& pool) {
    cache.memory_bytes = static_cast<size_t>(pages) * page_bytes;
    return std::make_unique<Engine>(make_step_model(running.llama, weights, cache, pool), byte_tokens(),
                                    settings, pool);
  };
  Load load(2, 200, Sizes{.page_tokens = 128, .prompt_max = 300, .answer_max = 24, .max_length = 400}, make);
  for (int round = 0; round < one.rounds; ++round) {
    SCOPED_TRACE(round);
    load.run(static_cast<uint64_t>(round), 1 + round % 3);
  }
}

TEST(EngineInvariance, OfALlamaInBf16) {
  check_llama({.rounds = 3});
}

TEST(EngineInvariance, OfALlamaInF32) {
  check_llama({.act = device::DType::kF32});
}

TEST(EngineInvariance, OfWeightsInEightBits) {
  check_llama({.int8 = true, .rounds = 2});
}

TEST(EngineInvariance, OfKeysAndValuesInEightBits) {
  check_llama({.int8 = true, .kv_int8 = true, .rounds = 1});
}

}  // namespace
}  // namespace aurora::infer
