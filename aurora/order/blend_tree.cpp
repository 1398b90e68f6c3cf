#include "aurora/order/blend_tree.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "aurora/base/check.h"

namespace aurora::order {

uint32_t BlendTrees::join(uint64_t heavy, uint32_t heavy_at, uint64_t light, uint32_t light_at) {
  const auto share = static_cast<uint64_t>((static_cast<unsigned __int128>(heavy) << 64) / (heavy + light));
  nodes_.push_back({share, heavy_at, light_at});
  return static_cast<uint32_t>(nodes_.size() - 1);
}

// Huffman's tree by two queues (van Leeuwen 1976): leaves come sorted and joins are born sorted, so the two
// lightest are always at the fronts. Of equal ones the leaf, then the older join, is taken first.
BlendTrees::Tree BlendTrees::add(std::span<const BlendLeaf> leaves) {
  AURORA_CHECK(!leaves.empty());
  std::vector<uint64_t> join_weights;
  join_weights.reserve(leaves.size());
  const auto first_join = static_cast<uint32_t>(nodes_.size());
  size_t next_leaf = 0;
  size_t next_join = 0;
  const auto take_lightest = [&]() -> std::pair<uint64_t, uint32_t> {
    const bool no_join = next_join == join_weights.size();
    if (no_join || (next_leaf < leaves.size() && leaves[next_leaf].weight <= join_weights[next_join])) {
      const BlendLeaf& taken = leaves[next_leaf++];
      return {taken.weight, kLeaf | taken.id};
    }
    const uint64_t weight = join_weights[next_join];
    return {weight, first_join + static_cast<uint32_t>(next_join++)};
  };
  auto [light, light_at] = take_lightest();
  for (size_t joins = 1; joins < leaves.size(); ++joins) {
    const auto [heavy, heavy_at] = take_lightest();
    join(heavy, heavy_at, light, light_at);
    join_weights.push_back(light + heavy);
    std::tie(light, light_at) = take_lightest();
  }
  return light_at;
}

namespace {

// A leaf of weight w is off by at most 1/2 * (w/w + w/w1 + w/w2 ...) over the nodes on the way up below the
// root. `sum` is what is in the brackets so far.
struct CarefulLeaf {
  double weight;
  double sum;
};
struct CarefulNode {
  uint64_t weight;
  uint32_t at;
  std::vector<CarefulLeaf> leaves;
};

// The largest sum below a node once it is part of a join of this weight, and a guess at what is added above:
// half as much again.
double sum_after(const CarefulNode& node, double join_weight) {
  double largest = 0;
  for (const CarefulLeaf& leaf : node.leaves)
    largest = std::max(largest, leaf.sum + 1.5 * leaf.weight / join_weight);
  return largest;
}

}  // namespace

// The lightest node is joined not always with the next, but with that of the next four by which the larger
// of the two sums stays smallest (the lighter when equal).
BlendTrees::Tree BlendTrees::add_with_care(std::span<const BlendLeaf> leaves) {
  if (leaves.size() > kCareful) return add(leaves);
  AURORA_CHECK(!leaves.empty());
  std::vector<CarefulNode> open;  // lightest first, of equal ones the older
  for (const BlendLeaf& leaf : leaves)
    open.push_back({leaf.weight, kLeaf | leaf.id, {{static_cast<double>(leaf.weight), 1.0}}});
  while (open.size() > 1) {
    size_t best = 0;
    double best_sum = 0;
    for (size_t other = 1; other < std::min<size_t>(open.size(), 5); ++other) {
      const auto both = static_cast<double>(open[0].weight + open[other].weight);
      const double sum = std::max(sum_after(open[0], both), sum_after(open[other], both));
      if (best == 0 || sum < best_sum) std::tie(best, best_sum) = std::tuple(other, sum);
    }
    const CarefulNode light = std::move(open[0]);
    const CarefulNode heavy = std::move(open[best]);
    open.erase(open.begin() + static_cast<std::ptrdiff_t>(best));
    open.erase(open.begin());
    CarefulNode both{light.weight + heavy.weight, join(heavy.weight, heavy.at, light.weight, light.at), {}};
    for (const CarefulNode* part : {&light, &heavy})
      for (const CarefulLeaf& leaf : part->leaves)
        both.leaves.push_back({leaf.weight, leaf.sum + leaf.weight / static_cast<double>(both.weight)});
    const auto behind =
        std::upper_bound(open.begin(), open.end(), both.weight,
                         [](uint64_t weight, const auto& node) { return weight < node.weight; });
    open.insert(behind, std::move(both));
  }
  return open.front().at;
}

double BlendTrees::stray(Tree tree) const {
  double farthest = 0;
  std::vector<std::pair<uint32_t, double>> open{{tree, 0.0}};
  while (!open.empty()) {
    const auto [at, stray] = open.back();
    open.pop_back();
    farthest = std::max(farthest, stray);
    if (at & kLeaf) continue;
    const Node& node = nodes_[at];
    const double share = static_cast<double>(node.left_share) * 0x1p-64;
    open.emplace_back(node.left, 0.5 + share * stray);
    open.emplace_back(node.right, 0.5 + (1 - share) * stray);
  }
  return farthest;
}

void BlendTrees::counts(Tree tree, uint64_t samples, std::span<uint64_t> counts) const {
  std::vector<std::pair<uint32_t, uint64_t>> open{{tree, samples}};
  while (!open.empty()) {
    const auto [at, count] = open.back();
    open.pop_back();
    if (at & kLeaf) {
      counts[at & ~kLeaf] = count;
      continue;
    }
    const Node& node = nodes_[at];
    const uint64_t left = split_at(node, count).passed_left;
    open.emplace_back(node.left, left);
    open.emplace_back(node.right, count - left);
  }
}

}  // namespace aurora::order
