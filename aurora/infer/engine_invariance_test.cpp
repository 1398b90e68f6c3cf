// An answer never depends on who else is asking.
#include <gtest/gtest.h>

#include "aurora/infer/invariance.h"
#include "aurora/infer/llama_step_model.h"
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
  return shape;
}

void check_llama(device::DType act, int rounds) {
  models::testing::Running running(tiny_shape(), kernels::cpu_kernels(), act);
  running.enlarge(8);
  const auto make = [&](const EngineSettings& settings, int64_t pages, Pool& pool) {
    models::PagedCacheSettings cache{.act = act};
    cache.memory_bytes =
        static_cast<size_t>(pages) *
        models::PagedCache::page_bytes(kernels::cpu_kernels(), tiny_shape(), act, cache.format);
    return std::make_unique<Engine>(
        make_step_model(running.llama,
                        models::InferenceWeights::of_arena(running.llama.layout(), running.compute.flat()),
                        cache, pool),
        byte_tokens(), settings, pool);
  };
  Load load(2, 200, Sizes{.page_tokens = 128, .prompt_max = 300, .answer_max = 24, .max_length = 400}, make);
  for (int round = 0; round < rounds; ++round) {
    SCOPED_TRACE(round);
    load.run(static_cast<uint64_t>(round), 1 + round % 3);
  }
}

TEST(EngineInvariance, OfALlamaInBf16) {
  check_llama(device::DType::kBF16, 3);
}

TEST(EngineInvariance, OfALlamaInF32) {
  check_llama(device::DType::kF32, 1);
}

}  // namespace
}  // namespace aurora::infer
