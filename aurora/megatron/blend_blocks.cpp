#include "aurora/megatron/blend_blocks.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <optional>
#include <vector>

#include "aurora/megatron/greedy_run.h"

namespace aurora::megatron {
namespace {

constexpr int64_t kMendSteps = 4096;  // between two looks whether a mended block is back on its way

struct Block {
  int64_t begin = 0;
  int64_t end = 0;
  bool known = false;             // was taken from a guessed state
  std::vector<int64_t> at_begin;  // per class
  std::vector<int64_t> at_end;
};

class BlockedBlend {
 public:
  BlockedBlend(std::span<const double> weights, std::span<int16_t> datasets, std::span<int64_t> samples,
               const BlendBlocks& blocks)
      : classes_(weight_classes(weights)),
        datasets_(datasets),
        samples_(samples),
        loops_(lane_loops()[blocks.loops]) {
    const auto size = static_cast<int64_t>(datasets.size());
    const auto count = static_cast<int64_t>(weights.size());
    warm_up_ = blocks.warm_up > 0 ? blocks.warm_up : std::max<int64_t>(4096, 4 * count);
    int64_t length = blocks.length;
    // Long enough that the warm-up costs a few per cent, short enough for many cores.
    if (length <= 0) length = std::max({int64_t{1} << 16, 16 * warm_up_, size / 256});
    for (int64_t begin = 0; begin < size; begin += length)
      blocks_.push_back({begin, std::min(size, begin + length), false, {}, {}});
  }

  size_t blocks() const { return blocks_.size(); }
  void take_block(size_t index);
  BlendWork mend();

 private:
  std::optional<GreedyRun> guess(const Block& block) const;
  int64_t mend_block(GreedyRun& exact, Block& block);

  const WeightClasses classes_;
  const std::span<int16_t> datasets_;
  const std::span<int64_t> samples_;
  const LaneLoops& loops_;
  int64_t warm_up_ = 0;
  std::vector<Block> blocks_;
};

// A run that stands at the block's begin; none when shares say nothing about the counts (weights whose sum is
// not 1), so that no step is found which they fit.
std::optional<GreedyRun> BlockedBlend::guess(const Block& block) const {
  GreedyRun run(classes_, loops_);
  if (block.begin <= warm_up_) {
    run.skip(block.begin);
    return run;
  }
  const double target = static_cast<double>(block.begin - warm_up_);
  std::vector<int64_t> taken(classes_.size());
  double sum = 0;
  for (size_t g = 0; g < taken.size(); ++g) {
    const int64_t members = classes_.begin[g + 1] - classes_.begin[g];
    taken[g] = static_cast<int64_t>(std::floor(classes_.weights[g] * target)) * members;
    sum += static_cast<double>(taken[g]);
  }
  const double most = static_cast<double>(2 * warm_up_ + static_cast<int64_t>(classes_.class_of.size()));
  if (sum > static_cast<double>(block.begin) || sum < static_cast<double>(block.begin) - most) return {};
  run.restart(taken, static_cast<int64_t>(sum));
  run.skip(block.begin - run.step());
  return run;
}

void BlockedBlend::take_block(size_t index) {
  Block& block = blocks_[index];
  std::optional<GreedyRun> run = guess(block);
  if (!run) return;
  block.at_begin = run->taken();
  const auto begin = static_cast<size_t>(block.begin);
  const auto count = static_cast<size_t>(block.end - block.begin);
  run->take(datasets_.subspan(begin, count), samples_.subspan(begin, count));
  block.at_end = run->taken();
  block.known = true;
}

BlendWork BlockedBlend::mend() {
  BlendWork work{blocks_.size(), 0, 0};
  std::vector<int64_t> state(classes_.size());
  for (Block& block : blocks_) {
    if (!block.known || block.at_begin != state) {
      GreedyRun exact(classes_, loops_);
      exact.restart(state, block.begin);
      ++work.guessed_wrong;
      work.mended_steps += mend_block(exact, block);
    }
    state = std::move(block.at_end);
  }
  return work;
}

// Takes the block's steps anew, until the state is the one that the block's own steps had led to.
int64_t BlockedBlend::mend_block(GreedyRun& exact, Block& block) {
  std::vector<int64_t>& own = block.at_begin;
  for (int64_t at = block.begin; at < block.end; at += kMendSteps) {
    const auto begin = static_cast<size_t>(at);
    const auto count = static_cast<size_t>(std::min(kMendSteps, block.end - at));
    const std::span<int16_t> datasets = datasets_.subspan(begin, count);
    if (block.known)
      for (const int16_t dataset : datasets)
        ++own[static_cast<size_t>(classes_.class_of[static_cast<size_t>(dataset)])];
    exact.take(datasets, samples_.subspan(begin, count));
    if (block.known && exact.taken() == own) return exact.step() - block.begin;
  }
  block.at_end = exact.taken();
  return block.end - block.begin;
}

}  // namespace

BlendWork blend_in_blocks(std::span<const double> weights, std::span<int16_t> datasets,
                          std::span<int64_t> samples, Pool& pool, const BlendBlocks& blocks) {
  BlockedBlend blend(weights, datasets, samples, blocks);
  pool.for_each(blend.blocks(), [&](size_t index) { blend.take_block(index); });
  return blend.mend();
}

}  // namespace aurora::megatron
