// Best fit: each length goes into the bin with the least room that takes it, and among equal ones into the
// oldest; where none takes it, a bin is opened. Bins wait in one heap per amount of room and a bitset says
// which heaps hold any, so a placement costs O(log bins), not O(bins).
#pragma once

#include <cstdint>
#include <vector>

namespace aurora::dataset {

class BestFit {
 public:
  // capacity: of each bin, >= 1.
  explicit BestFit(uint32_t capacity);

  // The bin that takes `length` (1 .. capacity): bins are numbered as they are opened, from 0.
  uint32_t place(uint32_t length);
  uint32_t bins() const { return static_cast<uint32_t>(nodes_.size()); }
  // Begins anew with no bins.
  void clear();

 private:
  // A bin as a node of a leftist heap ordered by number: the root is the oldest.
  struct Node {
    uint32_t left = kNone;
    uint32_t right = kNone;
    uint32_t rank = 1;  // nodes on the way down the right side
  };
  static constexpr uint32_t kNone = UINT32_MAX;

  uint32_t rank(uint32_t node) const { return node == kNone ? 0 : nodes_[node].rank; }
  uint32_t join(uint32_t a, uint32_t b);
  uint32_t least_room(uint32_t length) const;  // with a bin, >= length; kNone: there is none
  void put(uint32_t bin, uint32_t room);
  uint32_t take_oldest(uint32_t room);

  uint32_t capacity_;
  std::vector<Node> nodes_;
  std::vector<uint32_t> oldest_;    // per room: root of its heap
  std::vector<uint64_t> occupied_;  // bit per room
  std::vector<uint64_t> summary_;   // bit per word of occupied_
};

}  // namespace aurora::dataset
