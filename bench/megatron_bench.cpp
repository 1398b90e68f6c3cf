// Seconds (by the clock, and of processor time) that Megatron's document, sample and shuffle index of one
// token file take to build, in memory; the best of two:
//   megatron_bench PREFIX SEQUENCE_LENGTH SAMPLES SEED THREADS...

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <ctime>

#include "aurora/base/error.h"
#include "aurora/megatron/indices.h"

namespace {

using namespace aurora;

struct Cost {
  double seconds = 0;
  double cpu_seconds = 0;
};

Cost build(const char* prefix, const megatron::IndexSettings& settings, int64_t samples, Pool& pool) {
  const auto begin = std::chrono::steady_clock::now();
  const std::clock_t cpu_begin = std::clock();
  const megatron::SequenceLengths lengths{Path(prefix)};
  const megatron::IndexPlan plan =
      megatron::plan_indices({0, lengths.size()}, lengths.sum(0, lengths.size()), samples, settings);
  const megatron::Indices indices = megatron::build_indices(lengths, plan, settings, pool);
  return {std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count(),
          static_cast<double>(std::clock() - cpu_begin) / CLOCKS_PER_SEC};
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 6) {
    fmt::print(stderr, "usage: megatron_bench PREFIX SEQUENCE_LENGTH SAMPLES SEED THREADS...\n");
    return 2;
  }
  try {
    const megatron::IndexSettings settings{.sequence_length = std::atoll(argv[2]),
                                           .seed = static_cast<uint32_t>(std::atoll(argv[4]))};
    fmt::print("{{");
    for (int i = 5; i < argc; ++i) {
      Pool pool(std::atoi(argv[i]));
      const Cost first = build(argv[1], settings, std::atoll(argv[3]), pool);
      const Cost second = build(argv[1], settings, std::atoll(argv[3]), pool);
      fmt::print("{}\"{}\": {{\"s\": {:.4f}, \"cpu_s\": {:.4f}}}", i == 5 ? "" : ", ", pool.threads(),
                 std::min(first.seconds, second.seconds), std::min(first.cpu_seconds, second.cpu_seconds));
    }
    fmt::print("}}\n");
  } catch (const Error& error) {
    fmt::print(stderr, "{}\n", error.what());
    return 1;
  }
  return 0;
}
