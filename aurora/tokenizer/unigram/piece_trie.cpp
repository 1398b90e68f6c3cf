#include "aurora/tokenizer/unigram/piece_trie.h"

#include <algorithm>
#include <bit>
#include <deque>

#include "aurora/base/error.h"

namespace aurora::tokenizer {
namespace {

constexpr uint32_t kBlock = 256;    // a node's children lie in one block: base ^ label
constexpr size_t kOpenBlocks = 16;  // blocks that are still tried; older ones are full enough
constexpr size_t kMostUnits = size_t{1} << 24;

}  // namespace

// Places the nodes breadth first: all children of a node at once. A free place has the label that base
// `first place of its block` leads to it by, and a leaf has base 1; neither is any other node's base.
class PieceTrie::Builder {
 public:
  Builder(std::vector<Unit>& units, std::span<const Piece> pieces) : units_(units), pieces_(pieces) {}

  void build() {
    open_block();
    based_[kLeafBase] = true;
    take(kRoot);
    std::deque<Node> waiting{{kRoot, 0, pieces_.size(), 0}};
    while (!waiting.empty()) {
      const Node node = waiting.front();
      waiting.pop_front();
      children_of(node);
      if (children_.empty()) continue;
      const uint32_t base = find_base();
      units_[node.at].base_and_label = base << 8 | (units_[node.at].base_and_label & 0xff);
      based_[base] = true;
      for (Child& child : children_) {
        child.node.at = base ^ child.label;
        take(child.node.at);
        units_[child.node.at].base_and_label = kLeafBase << 8 | child.label;
        waiting.push_back(child.node);
      }
    }
  }

 private:
  static constexpr uint32_t kLeafBase = 1;

  struct Node {
    uint32_t at;
    size_t begin;  // the pieces below it
    size_t end;
    size_t depth;
  };
  struct Child {
    uint8_t label;
    Node node;
  };

  // The children, and the id of the pieces that end here.
  void children_of(const Node& node) {
    children_.clear();
    for (size_t i = node.begin; i < node.end; ++i) {
      const auto& [text, id] = pieces_[i];
      if (text.size() == node.depth) {
        units_[node.at].id = id;
        continue;
      }
      const auto label = static_cast<uint8_t>(text[node.depth]);
      if (children_.empty() || children_.back().label != label) {
        children_.push_back({label, {0, i, i, node.depth + 1}});
      }
      children_.back().node.end = i + 1;
    }
  }

  uint32_t find_base() {
    for (const uint32_t block : open_) {
      for (uint32_t word = block / 64; word < (block + kBlock) / 64; ++word) {
        for (uint64_t free = free_[word]; free != 0; free &= free - 1) {
          const auto place = word * 64 + static_cast<uint32_t>(std::countr_zero(free));
          const uint32_t base = place ^ children_[0].label;
          if (fits(base)) return base;
        }
      }
    }
    return open_block() + 1;  // where everything fits
  }
  bool fits(uint32_t base) const {
    if (based_[base]) return false;
    return std::all_of(children_.begin(), children_.end(), [&](const Child& child) {
      const uint32_t place = base ^ child.label;
      return (free_[place / 64] >> place % 64 & 1) != 0;
    });
  }
  void take(uint32_t place) { free_[place / 64] &= ~(uint64_t{1} << place % 64); }
  uint32_t open_block() {
    const auto block = static_cast<uint32_t>(units_.size());
    if (block + kBlock > kMostUnits) {
      throw Error("the pieces of the vocabulary are too many for its trie", "", "use a smaller vocabulary");
    }
    for (uint32_t i = 0; i < kBlock; ++i) units_.push_back({kLeafBase << 8 | i, -1});
    free_.resize(units_.size() / 64, ~uint64_t{0});
    based_.resize(units_.size());
    based_[block] = true;
    open_.push_front(block);
    if (open_.size() > kOpenBlocks) open_.pop_back();
    return block;
  }

  std::vector<Unit>& units_;
  std::span<const Piece> pieces_;
  std::vector<uint64_t> free_;  // a bit for each place
  std::vector<bool> based_;     // is it a node's base?
  std::deque<uint32_t> open_;   // blocks that are tried
  std::vector<Child> children_;
};

PieceTrie::PieceTrie(std::vector<Piece> pieces) {
  std::stable_sort(pieces.begin(), pieces.end(),
                   [](const Piece& a, const Piece& b) { return a.first < b.first; });
  Builder(units_, pieces).build();
}

int32_t PieceTrie::find(std::string_view piece) const {
  uint32_t node = kRoot;
  for (const char byte : piece) {
    if (!step(node, static_cast<uint8_t>(byte))) return -1;
  }
  return id(node);
}

PieceTrie::Match PieceTrie::longest(std::string_view text) const {
  Match match;
  uint32_t node = kRoot;
  for (size_t i = 0; i < text.size() && step(node, static_cast<uint8_t>(text[i])); ++i) {
    if (id(node) >= 0) match = {id(node), i + 1};
  }
  return match;
}

}  // namespace aurora::tokenizer
