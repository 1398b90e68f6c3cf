// kPacked: which bin of which block is unit number i of an epoch.
//
// Blocks are permuted per epoch and have different numbers of bins, so that a look-up searches the sums of
// the bins of the permuted blocks. The sums of a file are made when an epoch of it is first asked for, a few
// nanoseconds a block, and kept for an even and an odd epoch: 8 bytes a block each. A look-up is a binary
// search then.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <vector>

#include "aurora/order/file_plan.h"

namespace aurora::order {

// One epoch of one file; immutable.
class PackedEpoch {
 public:
  PackedEpoch(const FilePlan& plan, std::span<const uint32_t> block_bins, uint64_t epoch);

  uint64_t epoch() const { return epoch_; }
  // Unit number `place` of the epoch: block and slot.
  void place(uint64_t place, Unit& unit) const;
  // Places place, place + 1 ..., each to its position.
  void fill(uint64_t place, const Unit& unit, std::span<const uint16_t> positions, Unit* out) const;
  // Heap bytes.
  size_t memory_bytes() const { return ends_.capacity() * sizeof(uint64_t); }

 private:
  size_t block_at(uint64_t place) const;
  uint64_t bins_key(uint64_t block) const { return mix64(~key_ + block * kGolden); }

  PermutationShape shape_;
  uint64_t key_;
  uint64_t epoch_;
  std::vector<uint64_t> ends_;  // bins up to and with the block at a place
};

// The epochs of one file that were asked for last. Thread-safe.
class PackedEpochs {
 public:
  std::shared_ptr<const PackedEpoch> get(const FilePlan& plan, std::span<const uint32_t> block_bins,
                                         uint64_t epoch);
  size_t memory_bytes() const;

 private:
  mutable std::mutex mutex_;
  std::shared_ptr<const PackedEpoch> kept_[2];  // by the epoch's parity
};

}  // namespace aurora::order
