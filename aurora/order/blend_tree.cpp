#include "aurora/order/blend_tree.h"

#include <tuple>
#include <utility>

#include "aurora/base/check.h"

namespace aurora::order {

// Huffman's tree by two queues (van Leeuwen 1976): leaves come sorted and joins are born sorted, so the two
// lightest are always at the fronts. Of equal ones the leaf, then the older join, is taken first.
BlendTrees::Tree BlendTrees::add(std::span<const BlendLeaf> leaves) {
  AURORA_CHECK(!leaves.empty());
  std::vector<uint64_t> join_weights;
  join_weights.reserve(leaves.size());
  const auto first_join = static_cast<uint32_t>(nodes_.size());
  size_t leaf = 0;
  size_t join = 0;
  const auto take_lightest = [&]() -> std::pair<uint64_t, uint32_t> {
    if (join == join_weights.size() || (leaf < leaves.size() && leaves[leaf].weight <= join_weights[join])) {
      const BlendLeaf& taken = leaves[leaf++];
      return {taken.weight, kLeaf | taken.id};
    }
    const uint64_t weight = join_weights[join];
    return {weight, first_join + static_cast<uint32_t>(join++)};
  };
  auto [light, light_at] = take_lightest();
  for (size_t joins = 1; joins < leaves.size(); ++joins) {
    const auto [heavy, heavy_at] = take_lightest();
    const uint64_t both = light + heavy;
    nodes_.push_back(
        {static_cast<uint64_t>((static_cast<unsigned __int128>(heavy) << 64) / both), heavy_at, light_at});
    join_weights.push_back(both);
    std::tie(light, light_at) = take_lightest();
  }
  return light_at;
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
