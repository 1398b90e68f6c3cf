#include "aurora/megatron/blend.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <vector>

#include "aurora/base/check.h"
#include "aurora/base/error.h"
#include "aurora/megatron/blend_blocks.h"

namespace aurora::megatron {
namespace {

constexpr size_t kMostDatasets = 32767;
constexpr int64_t kMostSteps = int64_t{1} << 52;  // errors of counts that differ differ in double

void require_datasets(size_t count) {
  if (count == 0 || count > kMostDatasets)
    throw Error(fmt::format("a blend of {} datasets", count), "",
                fmt::format("Megatron blends 1 to {}, as their numbers are int16", kMostDatasets));
}

// First step that takes a sample which its dataset does not have; datasets.size() if none does.
size_t first_overdrawn(std::span<const int64_t> sizes, std::span<const int16_t> datasets,
                       std::span<const int64_t> samples, Pool& pool) {
  constexpr size_t kTile = size_t{1} << 20;
  std::vector<size_t> first((datasets.size() + kTile - 1) / kTile, datasets.size());
  pool.for_each(first.size(), [&](size_t tile) {
    const size_t end = std::min(datasets.size(), (tile + 1) * kTile);
    size_t step = tile * kTile;
    while (step < end && samples[step] < sizes[static_cast<size_t>(datasets[step])]) ++step;
    if (step < end) first[tile] = step;
  });
  return std::ranges::min(first);
}

// The exhaustive rule from `step` on, as it is written: only datasets that are not used up are asked.
void finish_exhaustive(std::span<const int64_t> sizes, std::span<const double> weights, size_t step,
                       std::span<int16_t> datasets, std::span<int64_t> samples) {
  std::vector<int64_t> taken(sizes.size());
  for (size_t n = 0; n < step; ++n) ++taken[static_cast<size_t>(datasets[n])];
  std::vector<size_t> unspent;
  for (size_t i = 0; i < sizes.size(); ++i)
    if (taken[i] < sizes[i]) unspent.push_back(i);
  for (; step < datasets.size(); ++step) {
    const double target = std::max(static_cast<double>(step), 1.0);
    size_t winner = 0;
    double most = std::numeric_limits<double>::lowest();
    for (size_t place = 0; place < unspent.size(); ++place) {
      const double error = weights[unspent[place]] * target - static_cast<double>(taken[unspent[place]]);
      if (error <= most) continue;
      most = error;
      winner = place;
    }
    const size_t dataset = unspent[winner];
    datasets[step] = static_cast<int16_t>(dataset);
    samples[step] = taken[dataset]++;
    if (taken[dataset] == sizes[dataset]) unspent.erase(unspent.begin() + static_cast<ptrdiff_t>(winner));
  }
}

}  // namespace

void greedy_blend(std::span<const double> weights, std::span<int16_t> datasets, std::span<int64_t> samples,
                  Pool& pool) {
  AURORA_CHECK_EQ(datasets.size(), samples.size());
  AURORA_CHECK_LE(datasets.size(), static_cast<size_t>(kMostSteps));
  require_datasets(weights.size());
  for (size_t i = 0; i < weights.size(); ++i)
    if (!(weights[i] >= 0 && weights[i] <= 1))
      throw Error(fmt::format("weight {} of dataset {}", weights[i], i), "",
                  "give weights >= 0, not all 0, and normalise them to a sum of 1");
  // One thread needs no guess: one block, from step 0.
  const BlendBlocks blocks{.length = pool.threads() == 1 ? kMostSteps : 0};
  blend_in_blocks(weights, datasets, samples, pool, blocks);
}

void exhaustive_blend(std::span<const int64_t> sizes, std::span<int16_t> datasets, std::span<int64_t> samples,
                      Pool& pool) {
  require_datasets(sizes.size());
  int64_t total = 0;
  for (size_t i = 0; i < sizes.size(); ++i) {
    if (sizes[i] < 1)
      throw Error(fmt::format("dataset {} of an exhaustive blend has {} samples", i, sizes[i]), "",
                  "leave datasets without a sample out; Megatron's builder does not end with one");
    total += sizes[i];
  }
  AURORA_CHECK_EQ(datasets.size(), static_cast<size_t>(total));
  std::vector<double> weights(sizes.size());
  for (size_t i = 0; i < sizes.size(); ++i)
    weights[i] = static_cast<double>(sizes[i]) / static_cast<double>(total);
  greedy_blend(weights, datasets, samples, pool);
  // Until the rule first takes from a used-up dataset it does not matter that such ones are not asked. That
  // step is near the end, if there is one: a used-up dataset's error is <= 0 but for rounding.
  const size_t step = first_overdrawn(sizes, datasets, samples, pool);
  if (step < datasets.size()) finish_exhaustive(sizes, weights, step, datasets, samples);
}

}  // namespace aurora::megatron
