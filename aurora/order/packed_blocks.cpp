#include "aurora/order/packed_blocks.h"

#include <algorithm>

namespace aurora::order {

PackedEpoch::PackedEpoch(const FilePlan& plan, std::span<const uint32_t> block_bins, uint64_t epoch)
    : shape_(plan.shape), key_(epoch_key(plan.key, epoch)), epoch_(epoch), ends_(block_bins.size()) {
  uint64_t end = 0;
  for (size_t i = 0; i < ends_.size(); ++i) ends_[i] = end += block_bins[permute(shape_, key_, i)];
}

void PackedEpoch::place(uint64_t place, Unit& unit) const {
  const auto at = std::upper_bound(ends_.begin(), ends_.end(), place) - ends_.begin();
  const uint64_t begin = at == 0 ? 0 : ends_[at - 1];
  unit.block = permute(shape_, key_, static_cast<uint64_t>(at));
  unit.slot =
      permute(PermutationShape(ends_[at] - begin), mix64(~key_ + unit.block * kGolden), place - begin);
}

void PackedEpoch::fill(uint64_t place, Unit unit, std::span<const uint16_t> positions, Unit* out) const {
  for (uint16_t position : positions) {
    this->place(place++, unit);
    out[position] = unit;
  }
}

std::shared_ptr<const PackedEpoch> PackedEpochs::get(const FilePlan& plan,
                                                     std::span<const uint32_t> block_bins, uint64_t epoch) {
  const std::lock_guard lock(mutex_);
  auto& kept = kept_[epoch % 2];
  if (!kept || kept->epoch() != epoch) kept = std::make_shared<const PackedEpoch>(plan, block_bins, epoch);
  return kept;
}

size_t PackedEpochs::memory_bytes() const {
  const std::lock_guard lock(mutex_);
  size_t bytes = 0;
  for (const auto& epoch : kept_)
    if (epoch) bytes += sizeof(PackedEpoch) + 16 + epoch->memory_bytes();
  return bytes;
}

}  // namespace aurora::order
