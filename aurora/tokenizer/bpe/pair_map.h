// A hash map keyed by a pair of token ids: what BPE asks for every pair of neighbours. Open addressing, at
// most half full, so one probe mostly. Never iterated: nothing can depend on the order of its slots.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace aurora::tokenizer {

template <typename Value>
class PairMap {
 public:
  // Room for so many pairs before it grows.
  explicit PairMap(size_t pairs = 8) { resize(pairs); }

  // nullptr when the pair is not there. Valid until the next insertion.
  const Value* find(int32_t left, int32_t right) const {
    const Slot& slot = slots_[probe(key_of(left, right))];
    return slot.key == kEmpty ? nullptr : &slot.value;
  }
  // The pair's value, inserted as `fresh` when absent; second: it was absent.
  std::pair<Value&, bool> insert(int32_t left, int32_t right, const Value& fresh) {
    if (2 * (size_ + 1) > slots_.size()) resize(2 * size_);
    Slot& slot = slots_[probe(key_of(left, right))];
    const bool absent = slot.key == kEmpty;
    if (absent) {
      slot = {key_of(left, right), fresh};
      ++size_;
    }
    return {slot.value, absent};
  }
  size_t size() const { return size_; }

 private:
  struct Slot {
    uint64_t key = kEmpty;
    Value value{};
  };
  static constexpr uint64_t kEmpty = ~uint64_t{0};

  static uint64_t key_of(int32_t left, int32_t right) {
    return uint64_t{static_cast<uint32_t>(left)} << 32 | static_cast<uint32_t>(right);
  }
  size_t probe(uint64_t key) const {
    const uint64_t mixed = key * 0x9e3779b97f4a7c15u;
    size_t at = (mixed ^ mixed >> 32) & mask_;
    while (slots_[at].key != key && slots_[at].key != kEmpty) at = (at + 1) & mask_;
    return at;
  }
  void resize(size_t pairs) {
    size_t slots = 16;
    while (slots < 2 * pairs + 2) slots *= 2;
    std::vector<Slot> old = std::exchange(slots_, std::vector<Slot>(slots));
    mask_ = slots - 1;
    for (const Slot& slot : old) {
      if (slot.key != kEmpty) slots_[probe(slot.key)] = slot;
    }
  }

  std::vector<Slot> slots_;
  size_t mask_ = 0;
  size_t size_ = 0;
};

}  // namespace aurora::tokenizer
