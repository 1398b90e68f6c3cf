// The pieces of a vocabulary as a trie over bytes, in a double array (Aoe 1989): one look-up a byte.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

namespace aurora::tokenizer {

// Immutable after construction, thread-safe.
class PieceTrie {
 public:
  using Piece = std::pair<std::string_view, int32_t>;  // not empty; id >= 0

  // The trie of no pieces.
  PieceTrie() : PieceTrie(std::vector<Piece>()) {}
  // Of equal pieces the last one's id stands. Error: pieces of more than 2^24 nodes together.
  explicit PieceTrie(std::vector<Piece> pieces);

  static constexpr uint32_t kRoot = 0;
  // Goes from a node along a byte; false when no piece goes on so.
  bool step(uint32_t& node, uint8_t byte) const {
    const uint32_t next = (units_[node].base_and_label >> 8) ^ byte;
    if (static_cast<uint8_t>(units_[next].base_and_label) != byte) return false;
    node = next;
    return true;
  }
  // Of the piece that ends at the node; -1: none does.
  int32_t id(uint32_t node) const { return units_[node].id; }

  int32_t find(std::string_view piece) const;  // -1: not there
  struct Match {
    int32_t id = -1;
    size_t bytes = 0;
  };
  Match longest(std::string_view text) const;  // the longest piece that `text` begins with

 private:
  struct Unit {
    uint32_t base_and_label = 0;  // base << 8 | label. No two nodes have the same base, so the label tells
    int32_t id = -1;              // whether the place belongs to the node that one comes from
  };
  class Builder;

  std::vector<Unit> units_;
};

}  // namespace aurora::tokenizer
