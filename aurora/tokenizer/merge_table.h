// Pair of token ids -> rank and result: the table that BPE encoding asks for every pair of neighbours.
// Open addressing, at most half full, one probe mostly. Immutable after building.
#pragma once

#include <cstdint>
#include <vector>

namespace aurora::tokenizer {

struct Merge {
  uint32_t rank = kNone;
  int32_t result = -1;
  static constexpr uint32_t kNone = 0xffffffff;
};

class MergeTable {
 public:
  MergeTable() : MergeTable(0) {}
  explicit MergeTable(size_t merges);  // room for so many
  // false when the pair is already there.
  bool insert(int32_t left, int32_t right, Merge merge);
  // rank = kNone when the pair does not merge.
  Merge find(int32_t left, int32_t right) const {
    uint64_t key = key_of(left, right);
    for (size_t slot = slot_of(key);; slot = (slot + 1) & mask_) {
      if (slots_[slot].key == key) return slots_[slot].merge;
      if (slots_[slot].key == kEmpty) return {};
    }
  }

 private:
  struct Slot {
    uint64_t key = kEmpty;
    Merge merge;
  };
  static constexpr uint64_t kEmpty = ~uint64_t{0};
  static uint64_t key_of(int32_t left, int32_t right) {
    return uint64_t{static_cast<uint32_t>(left)} << 32 | static_cast<uint32_t>(right);
  }
  size_t slot_of(uint64_t key) const { return (key * 0x9e3779b97f4a7c15u >> 32) & mask_; }

  std::vector<Slot> slots_;
  size_t mask_ = 0;
};

}  // namespace aurora::tokenizer
