#include "aurora/dataset/blend_tree.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <queue>
#include <tuple>
#include <utility>

#include "aurora/base/check.h"

namespace aurora::dataset {
namespace {

using U128 = unsigned __int128;

// Of `count` samples, those that go to a child with this share: floor(count*p + 1/2).
uint64_t passed_left(uint64_t count, uint64_t left_share) {
  return static_cast<uint64_t>((static_cast<U128>(count) * left_share + (U128{1} << 63)) >> 64);
}

}  // namespace

BlendTree::BlendTree(const std::vector<double>& weights) : sources_(static_cast<uint32_t>(weights.size())) {
  double sum = 0;
  for (double weight : weights) {
    AURORA_CHECK(std::isfinite(weight) && weight >= 0, "weight {}", weight);
    sum += weight;
  }
  AURORA_CHECK(sum > 0 && std::isfinite(sum), "sum of weights {}", sum);

  // (weight as an integer part of 2^62, order of birth, node or ~source): the lightest pair is joined first,
  // older before younger, so the tree is a function of the weights alone.
  using Entry = std::tuple<uint64_t, uint32_t, int32_t>;
  std::priority_queue<Entry, std::vector<Entry>, std::greater<>> waiting;
  uint32_t born = 0;
  for (uint32_t source = 0; source < sources_; ++source) {
    if (weights[source] == 0) continue;
    auto part = static_cast<uint64_t>(weights[source] / sum * 0x1p62);
    waiting.emplace(std::max<uint64_t>(part, 1), born++, ~static_cast<int32_t>(source));
  }
  while (waiting.size() > 1) {
    auto [light, light_born, light_node] = waiting.top();
    waiting.pop();
    auto [heavy, heavy_born, heavy_node] = waiting.top();
    waiting.pop();
    uint64_t both = light + heavy;
    auto share = static_cast<uint64_t>((static_cast<U128>(heavy) << 64) / both);
    nodes_.push_back({share, heavy_node, light_node});
    waiting.emplace(both, born++, static_cast<int32_t>(nodes_.size()) - 1);
  }
  root_ = std::get<2>(waiting.top());
}

BlendTree::Place BlendTree::operator()(uint64_t sample) const {
  int32_t at = root_;
  while (at >= 0) {
    const Node& node = nodes_[at];
    uint64_t before = passed_left(sample, node.left_share);
    if (passed_left(sample + 1, node.left_share) > before) {
      sample = before;
      at = node.left;
    } else {
      sample -= before;
      at = node.right;
    }
  }
  return {static_cast<uint32_t>(~at), sample};
}

std::vector<uint64_t> BlendTree::counts(uint64_t samples) const {
  std::vector<uint64_t> result(sources_);
  std::vector<std::pair<int32_t, uint64_t>> open{{root_, samples}};
  while (!open.empty()) {
    auto [at, count] = open.back();
    open.pop_back();
    if (at < 0) {
      result[~at] = count;
      continue;
    }
    const Node& node = nodes_[at];
    uint64_t left = passed_left(count, node.left_share);
    open.emplace_back(node.left, left);
    open.emplace_back(node.right, count - left);
  }
  return result;
}

}  // namespace aurora::dataset
