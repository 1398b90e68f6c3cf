#include "aurora/train/gradient.h"

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

#include "aurora/parallel/strand_sum.h"

namespace aurora::train {
namespace {

// What one strand in flight needs for itself.
struct Lane {
  explicit Lane(Pool& shared) : pool(&shared) {}
  explicit Lane(int threads) : own(std::make_unique<Pool>(threads)), pool(own.get()) {}

  device::Stream stream() const { return device::Stream::cpu(*pool); }
  tensor::Exec exec() { return {stream(), kernels::kernels_for(device::Kind::kCpu), arena}; }

  std::unique_ptr<Pool> own;
  Pool* pool;
  tensor::Arena arena;
};

double sum_of(const std::vector<float>& weights) {
  double sum = 0;
  for (float weight : weights) sum += static_cast<double>(weight);
  return sum;
}

int64_t strands_of_rank(const config::Train& train, const comm::Group& group) {
  return parallel::strands_of(group.rank(), group.size(), train.strands).size();
}

enum Scalar { kLoss, kWeight, kScalars };

}  // namespace

int64_t strands_in_flight(const config::Train& train, const comm::Group& group, const Pool& pool) {
  const int64_t wanted = train.strands_in_flight > 0 ? train.strands_in_flight : pool.threads();
  return std::clamp<int64_t>(wanted, 1, std::max<int64_t>(strands_of_rank(train, group), 1));
}

struct GradientComputer::State {
  State(const config::Train& train, const ModelState& arrays, comm::Group& group)
      : arrays(arrays),
        sum(group, train.strands, arrays.model().layout().elements(), kScalars),
        reverse(train.strand_order == "reverse") {}

  // The i-th strand of this rank in the order of computing.
  int64_t strand(int64_t i) const {
    const parallel::StrandRange mine = sum.mine();
    return reverse ? mine.end - 1 - i : mine.begin + i;
  }

  void compute_strand(int64_t strand, Lane& lane, LeafSource& leaves, const BatchShape& batch,
                      uint64_t batch_begin) {
    tensor::Exec exec = lane.exec();
    parallel::Partial partial = sum.take(exec.stream);
    for (int64_t l = 0; l < batch.leaves_per_strand; ++l) {
      const nn::Leaf leaf = leaves.leaf(batch.leaf_begin(batch_begin, strand, l), batch.cuts);
      partial.scalars[kLoss] +=
          arrays.model().loss_and_gradient(exec, arrays.weights(), leaf, partial.gradient());
      partial.scalars[kWeight] += sum_of(leaf.loss_weights);
    }
    sum.finish(strand, std::move(partial), exec.stream);
  }

  // Strands go to lanes as they come free; after trouble in one lane the others begin no further strand.
  void compute_strands(LeafSource& leaves, const BatchShape& batch, uint64_t batch_begin) {
    std::atomic<int64_t> next{0};
    std::exception_ptr trouble;
    std::mutex trouble_mutex;
    auto run_lane = [&](Lane& lane) {
      try {
        for (int64_t i = next++; i < sum.mine().size(); i = next++)
          compute_strand(strand(i), lane, leaves, batch, batch_begin);
      } catch (...) {
        std::lock_guard lock(trouble_mutex);
        if (!trouble) trouble = std::current_exception();
        next = sum.mine().size();
      }
    };
    std::vector<std::thread> threads;
    for (size_t l = 1; l < lanes.size(); ++l) threads.emplace_back(run_lane, std::ref(*lanes[l]));
    run_lane(*lanes[0]);
    for (std::thread& thread : threads) thread.join();
    if (trouble) std::rethrow_exception(trouble);
  }

  const ModelState& arrays;
  parallel::StrandSum sum;
  bool reverse;
  std::vector<std::unique_ptr<Lane>> lanes;
};

GradientComputer::GradientComputer(const config::Train& train, const ModelState& model, comm::Group& group,
                                   Pool& pool)
    : state_(std::make_unique<State>(train, model, group)) {
  const auto in_flight = static_cast<int>(strands_in_flight(train, group, pool));
  if (in_flight == 1) {
    state_->lanes.push_back(std::make_unique<Lane>(pool));
    return;
  }
  // The remainder of the division goes to the first lanes.
  const int share = pool.threads() / in_flight;
  const int left = pool.threads() % in_flight;
  for (int i = 0; i < in_flight; ++i)
    state_->lanes.push_back(std::make_unique<Lane>(std::max(1, share + (i < left ? 1 : 0))));
}

GradientComputer::~GradientComputer() = default;

BatchGradient GradientComputer::compute(LeafSource& leaves, const BatchShape& batch, uint64_t batch_begin) {
  state_->compute_strands(leaves, batch, batch_begin);
  const parallel::Partial& total = state_->sum.reduce(state_->lanes[0]->stream());
  return {total.gradient(), total.scalars[kLoss], total.scalars[kWeight]};
}

void GradientComputer::announce(LeafSource& leaves, const BatchShape& batch, uint64_t batch_begin) const {
  for (int64_t i = 0; i < state_->sum.mine().size(); ++i)
    for (int64_t l = 0; l < batch.leaves_per_strand; ++l)
      leaves.announce(batch.leaf_begin(batch_begin, state_->strand(i), l));
}

}  // namespace aurora::train
