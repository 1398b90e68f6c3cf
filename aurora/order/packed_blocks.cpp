#include "aurora/order/packed_blocks.h"

#include <algorithm>

namespace aurora::order {

PackedEpoch::PackedEpoch(const FilePlan& plan, std::span<const uint32_t> block_bins, uint64_t epoch)
    : shape_(plan.shape), key_(epoch_key(plan.key, epoch)), epoch_(epoch), ends_(block_bins.size()) {
  permute_run(shape_, key_, 0, ends_);
  uint64_t end = 0;
  for (uint64_t& block : ends_) block = end += block_bins[block];
}

size_t PackedEpoch::block_at(uint64_t place) const {
  return static_cast<size_t>(std::upper_bound(ends_.begin(), ends_.end(), place) - ends_.begin());
}

void PackedEpoch::place(uint64_t place, Unit& unit) const {
  const size_t at = block_at(place);
  const uint64_t begin = at == 0 ? 0 : ends_[at - 1];
  unit.block = permute(shape_, key_, at);
  unit.slot = permute(PermutationShape(ends_[at] - begin), bins_key(unit.block), place - begin);
}

void PackedEpoch::fill(uint64_t place, const Unit& unit, std::span<const uint16_t> positions,
                       Unit* out) const {
  while (!positions.empty()) {
    const size_t at = block_at(place);
    const uint64_t begin = at == 0 ? 0 : ends_[at - 1];
    const uint64_t block = permute(shape_, key_, at);
    const uint64_t count = std::min<uint64_t>(positions.size(), ends_[at] - place);
    const PermutationShape bins(ends_[at] - begin);
    for (uint16_t position : positions.first(count)) {
      out[position] = unit;
      out[position].block = block;
      out[position].slot = permute(bins, bins_key(block), place++ - begin);
    }
    positions = positions.subspan(count);
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
