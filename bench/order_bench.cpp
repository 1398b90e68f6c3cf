// The native order (aurora/order): construction, random and consecutive look-ups, the permutation alone.
// Sizes are those of a run over 2 T tokens in samples of 4,096: 14 corpora as one file each, or 2,419 files.

#include <benchmark/benchmark.h>

#include <vector>

#include "aurora/order/permutation.h"
#include "aurora/order/test_specs.h"

namespace {

using namespace aurora;         // NOLINT
using namespace aurora::order;  // NOLINT

constexpr double kTokens = 2e12;
constexpr uint64_t kLength = 4096;
constexpr uint64_t kSamples = 488'000'000;

OrderSpec spec_of(int64_t files) {
  return files == 14 ? few_files(kTokens, kLength) : many_files(kTokens, kLength);
}

// range(1) of look-ups. kPacked: blocks of 64 windows, all with 70 bins.
Order order_of(const benchmark::State& state) {
  OrderSpec spec = spec_of(state.range(0));
  spec.mode = static_cast<Mode>(state.range(1));
  spec.block_windows = 64;
  if (spec.mode == Mode::kPacked)
    for (Corpus& corpus : spec.corpora)
      for (File& file : corpus.files)
        file.block_bins.assign((file.tokens + kLength * 64 - 1) / (kLength * 64), 70);
  return Order(std::move(spec));
}

std::vector<uint64_t> random_samples(uint64_t below) {
  std::vector<uint64_t> samples(1 << 16);
  for (size_t i = 0; i < samples.size(); ++i)
    samples[i] = random_below(i, random_key(3, Purpose::kTest), below);
  return samples;
}

void BM_build(benchmark::State& state) {
  const OrderSpec spec = spec_of(state.range(0));
  for (auto _ : state) {
    state.PauseTiming();
    OrderSpec copy = spec;
    state.ResumeTiming();
    Order order(std::move(copy));
    benchmark::DoNotOptimize(order.units(0));
    state.counters["bytes"] = static_cast<double>(order.memory_bytes());
  }
}
BENCHMARK(BM_build)->Arg(14)->Arg(2419)->Unit(benchmark::kMicrosecond);

void BM_random(benchmark::State& state) {
  const Order order = order_of(state);
  const std::vector<uint64_t> samples = random_samples(kSamples);
  for (uint64_t sample : samples) benchmark::DoNotOptimize(order(sample));  // kPacked: makes its sums
  size_t at = 0;
  for (auto _ : state) benchmark::DoNotOptimize(order(samples[at++ % samples.size()]));
}
// range(0): files, range(1): Mode
BENCHMARK(BM_random)->ArgsProduct({{14, 2419}, {0, 1, 2, 3}});

// range(2): samples asked for at once
void BM_consecutive(benchmark::State& state) {
  const Order order = order_of(state);
  std::vector<Unit> units(static_cast<size_t>(state.range(2)));
  std::vector<Unit> all(1 << 17);
  order.range(0, all);  // kPacked: makes its sums
  uint64_t first = 1'000'000;
  for (auto _ : state) {
    order.range(first, units);
    benchmark::DoNotOptimize(units.data());
    first += units.size();
  }
  state.counters["ns_each"] =
      benchmark::Counter(static_cast<double>(units.size() * state.iterations()) * 1e-9,
                         benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}
BENCHMARK(BM_consecutive)->ArgsProduct({{14, 2419}, {0, 1, 2, 3}, {512, 4096, 65536}});

// The first batch in kPacked, which makes the sums of all files that it meets.
void BM_packed_begins(benchmark::State& state) {
  std::vector<Unit> units(4096);
  for (auto _ : state) {
    state.PauseTiming();
    const Order order = order_of(state);
    state.ResumeTiming();
    order.range(0, units);
    state.counters["bytes"] = static_cast<double>(order.memory_bytes());
  }
}
BENCHMARK(BM_packed_begins)->Args({14, 2})->Args({2419, 2})->Unit(benchmark::kMillisecond);

void BM_permute(benchmark::State& state) {
  const PermutationShape shape(static_cast<uint64_t>(state.range(0)));
  const std::vector<uint64_t> places = random_samples(shape.size());
  size_t at = 0;
  for (auto _ : state) {
    const uint64_t place = places[at++ % places.size()];
    benchmark::DoNotOptimize(permute(shape, mix64(place), place));
  }
}
BENCHMARK(BM_permute)->Arg(200'000)->Arg(488'000'000)->Arg(int64_t{1} << 61);

}  // namespace

BENCHMARK_MAIN();
