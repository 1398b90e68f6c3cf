// Sums the gradients of strands over all ranks so that the result depends on nothing but the strands: the
// same bits for any number of ranks, any number in flight and any order of completion.
//
//   StrandSum sum(group, S, elements, scalars);
//   each step:  for the strands of mine(), in any order, on any threads:
//                 Partial partial = sum.take(stream);  // zeros
//                 ... add the strand's leaves to partial.gradient() and partial.scalars ...
//                 sum.finish(strand, std::move(partial), stream);
//               const Partial& total = sum.reduce(stream);  // on every rank
//
// Partial sums join along the tree of strand_tree.h, left + right, element by element, as soon as both are
// there. With k strands in flight that finish in order, at most k + ceil(log2 S) gradients are in memory;
// they are recycled. Another order may need up to one per strand of the rank. Host memory.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <vector>

#include "aurora/comm/group.h"
#include "aurora/device/buffer.h"
#include "aurora/device/stream.h"
#include "aurora/parallel/strand_tree.h"

namespace aurora::parallel {

// The sum over one strand or over a node of the tree.
class Partial {
 public:
  Partial() = default;  // holds nothing
  Partial(int64_t elements, int64_t scalar_count);

  bool empty() const { return buffer_.empty(); }
  device::View gradient() const;  // [elements] f32
  std::vector<double> scalars;    // small sums that go along: loss, weight ...

 private:
  int64_t elements_ = 0;
  device::Buffer buffer_;
};

class StrandSum {
 public:
  // elements: length of the gradient. scalars: number of f64 sums beside it. The group must outlive the sum.
  StrandSum(comm::Group& group, int64_t strands, int64_t elements, int64_t scalars);

  StrandRange mine() const { return mine_; }  // the strands of this rank

  // A partial of zeros. Thread-safe. Ends the life of the last total.
  Partial take(const device::Stream& stream);
  // Hands in the sum of one of this rank's strands, once per step. Thread-safe; joins on the caller's stream.
  void finish(int64_t strand, Partial partial, const device::Stream& stream);
  // Collective, when this rank's strands are all handed in: the total over all strands, on every rank, valid
  // until the next take(). The next step may begin. After an Error the sum is of no more use.
  const Partial& reduce(const device::Stream& stream);

  int64_t buffers() const;  // gradients made so far: the peak of memory

 private:
  using Ready = std::map<StrandRange, Partial>;

  int owner(int64_t strand) const { return owner_of(strand, group_.size(), strands_); }
  Ready::iterator ready_sibling(StrandRange node);
  Partial take_ready(StrandRange node);
  Partial take_any();
  void recycle(Partial partial);
  Partial join(Partial left, Partial right, const device::Stream& stream);
  void join_ranks(StrandRange node, const device::Stream& stream);
  void send(const Partial& partial, int peer);
  void receive_and_add(Partial& partial, int peer, const device::Stream& stream);

  comm::Group& group_;
  const int64_t strands_;
  const int64_t elements_;
  const int64_t scalars_;
  const StrandRange mine_;

  mutable std::mutex mutex_;  // of all below
  Ready ready_;               // nodes that wait for their sibling
  std::vector<Partial> free_;
  int64_t buffers_ = 0;
  Partial total_;
};

}  // namespace aurora::parallel
