// The gradient of one global batch: this rank's strands, several in flight, summed along the fixed tree over
// all ranks.
#pragma once

#include <cstdint>
#include <memory>

#include "aurora/base/threads.h"
#include "aurora/comm/group.h"
#include "aurora/train/batch.h"
#include "aurora/train/model_state.h"

namespace aurora::train {

struct BatchGradient {
  device::View gradient;  // flat f32: sum over the batch of d(loss_weights * nll); valid until the next batch
  double loss = 0;        // sum of loss_weights * nll
  double weight = 0;      // sum of loss_weights
};

// How many strands this rank computes at once: train.strands_in_flight (0 = threads), at most those it has.
int64_t strands_in_flight(const config::Train& train, const comm::Group& group, const Pool& pool);

// Buffers, arenas and threads for the strands in flight; made once, used every step.
class GradientComputer {
 public:
  // pool: all threads of this rank; with several strands in flight each has its own share of as many.
  GradientComputer(const config::Train& train, const ModelState& model, comm::Group& group, Pool& pool);
  ~GradientComputer();

  // Of the batch of this shape that begins with sample batch_begin. Strands and B are those of the recipe.
  // Collective. All ranks get the same bits.
  BatchGradient compute(LeafSource& leaves, const BatchShape& batch, uint64_t batch_begin);
  // Tells the source which leaves this rank will want.
  void announce(LeafSource& leaves, const BatchShape& batch, uint64_t batch_begin) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace aurora::train
