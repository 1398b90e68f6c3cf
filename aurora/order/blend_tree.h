// Exact blends by weights, as functions: number of a sample -> (leaf, index in the leaf).
//
// A "tree of floors": the leaves of a binary tree are what is blended. A node that has received k samples has
// passed floor(k*p + 1/2) of them to its heavier child, where p is that child's share as a 64-bit fixed-point
// fraction, and the rest to the other. So a look-up is a few integer operations a level, every leaf gets its
// samples 0, 1, 2 ... in order and without a gap (a bijection by construction), and when weights are whole
// numbers with sum S, a leaf of weight w has had exactly E*w after E*S samples.
//
// After any number n of samples a leaf has had its share of n, give or take about one: each node on the way
// rounds by at most 1/2, and of that a node below feels its share. Huffman's tree is nearly the flattest
// there is; trees of corpora are joined with an eye on that sum instead. stray() says how far a tree can be
// off at most: 1.04 for the fourteen corpora of Dolma v1.7.
//
// A tree's leaf may stand for another tree: look up there with the index of the first.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace aurora::order {

struct BlendLeaf {
  uint64_t weight = 0;  // >= 1; all of a tree together below 2^63
  uint32_t id = 0;      // the caller's number, below 2^31
};

// Several trees in one array, so that what is hot lies close together.
class BlendTrees {
 public:
  using Tree = uint32_t;

  struct Place {
    uint32_t id = 0;
    uint64_t index = 0;
    bool operator==(const Place&) const = default;
  };

  // leaves: at least one, lightest first; the order among equal ones is part of the result.
  Tree add(std::span<const BlendLeaf> leaves);
  // The same for what shall stay as close to its due as can be; Huffman's tree for more than kCareful leaves.
  Tree add_with_care(std::span<const BlendLeaf> leaves);
  static constexpr size_t kCareful = 64;
  void reserve(size_t nodes) { nodes_.reserve(nodes); }

  // Thread-safe; sample < 2^63.
  Place find(Tree tree, uint64_t sample) const {
    uint32_t at = tree;
    while (!(at & kLeaf)) step(at, sample);
    return {at & ~kLeaf, sample};
  }

  // counts[id] = how many of the first `samples` samples come to that leaf, for every leaf of the tree.
  void counts(Tree tree, uint64_t samples, std::span<uint64_t> counts) const;

  // The farthest that a leaf of the tree can be from its due, in samples, after any number of them.
  double stray(Tree tree) const;

  // Samples first, first + 1 ... of a tree, as far as a list of positions goes, by leaf: calls
  //   emit(id, index, part, spare)
  // for each leaf that gets some, where `part` are the positions of its samples index, index + 1 ... The list
  // is used up; `spare` is room of the same size, and so is emit's.
  template <typename Emit>
  void distribute(Tree tree, uint64_t first, std::span<uint16_t> positions, uint16_t* spare,
                  const Emit& emit) const {
    if (tree & kLeaf) return emit(tree & ~kLeaf, first, positions, spare);
    if (positions.size() == 1) {
      const Place place = find(tree, first);
      return emit(place.id, place.index, positions, spare);
    }
    const Node& node = nodes_[tree];
    const uint64_t before = split_at(node, first).passed_left;
    const uint64_t lefts = split_at(node, first + positions.size()).passed_left - before;
    part(node, first, lefts, positions, spare);
    if (lefts > 0) distribute(node.left, before, {spare, lefts}, positions.data(), emit);
    if (lefts < positions.size())
      distribute(node.right, first - before, {spare + lefts, positions.size() - lefts},
                 positions.data() + lefts, emit);
  }

  size_t memory_bytes() const { return nodes_.capacity() * sizeof(Node); }

 private:
  static constexpr uint32_t kLeaf = uint32_t{1} << 31;

  struct Node {
    uint64_t left_share = 0;  // of 2^64
    uint32_t left = 0;        // a node, or kLeaf | id
    uint32_t right = 0;
  };

  uint32_t join(uint64_t heavy, uint32_t heavy_at, uint64_t light, uint32_t light_at);

  // sample*p + 1/2 in halves; the next sample goes left when low + p carries.
  struct Split {
    uint64_t passed_left, low;
  };
  static Split split_at(const Node& node, uint64_t sample) {
    const auto product =
        static_cast<unsigned __int128>(sample) * node.left_share + (static_cast<unsigned __int128>(1) << 63);
    return {static_cast<uint64_t>(product >> 64), static_cast<uint64_t>(product)};
  }
  // From a node down to a child. Which one is a coin's throw, so there is no branch to guess it.
  void step(uint32_t& at, uint64_t& sample) const {
    const Node& node = nodes_[at];
    const Split split = split_at(node, sample);
    const uint64_t left = split.low + node.left_share < split.low ? ~uint64_t{0} : 0;
    const uint64_t in_right = sample - split.passed_left;
    sample = in_right ^ ((in_right ^ split.passed_left) & left);
    at = node.right ^ ((node.right ^ node.left) & static_cast<uint32_t>(left));
  }
  // Positions of those that go left to out[0 .. lefts), the others behind them.
  static void part(const Node& node, uint64_t first, uint64_t lefts, std::span<const uint16_t> positions,
                   uint16_t* out) {
    uint64_t low = split_at(node, first).low;
    uint64_t left_end = 0;
    uint64_t right_end = lefts;
    for (uint16_t position : positions) {
      const uint64_t next = low + node.left_share;
      const uint64_t left = next < low ? 1 : 0;
      out[right_end ^ ((right_end ^ left_end) & -left)] = position;
      left_end += left;
      right_end += 1 - left;
      low = next;
    }
  }

  std::vector<Node> nodes_;
};

}  // namespace aurora::order
