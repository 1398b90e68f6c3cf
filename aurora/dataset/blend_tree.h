// The exact blend of D sources by weights, as a function: global sample number -> (source, index in source).
//
// A "tree of floors": the leaves of a Huffman tree over the weights are the sources. A node that has received
// k samples has passed floor(k*p + 1/2) of them to its left child, where p is the left child's share as a
// 64-bit fixed-point fraction, and the rest to its right child. So every look-up is O(log D) integer
// operations, every source gets its samples 0, 1, 2 ... in order and without a gap (a bijection by
// construction), and after any number n of samples source i has had w_i*n of them, give or take about one
// (tests hold it to 1.1).
#pragma once

#include <cstdint>
#include <vector>

namespace aurora::dataset {

class BlendTree {
 public:
  struct Place {
    uint32_t source = 0;
    uint64_t index = 0;  // in the source
    bool operator==(const Place&) const = default;
  };

  // weights: finite, >= 0, at least one > 0; need not sum to one. A source of weight 0 never comes.
  explicit BlendTree(const std::vector<double>& weights);

  // Thread-safe. sample < 2^63.
  Place operator()(uint64_t sample) const;
  // How many of the first `samples` samples come from each source.
  std::vector<uint64_t> counts(uint64_t samples) const;
  uint32_t sources() const { return sources_; }

 private:
  struct Node {
    uint64_t left_share = 0;  // of 2^64
    int32_t left = 0;         // a node if >= 0, else the source ~left
    int32_t right = 0;
  };
  std::vector<Node> nodes_;
  int32_t root_ = 0;
  uint32_t sources_ = 0;
};

}  // namespace aurora::dataset
