// All tokens by their bytes, as a tree laid flat: nodes in depth-first order, each with the place behind its
// subtree, so that a walk is one pass over an array and refusing a subtree is one jump. Immutable.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace aurora::constrain {

using ByteSet = std::array<uint64_t, 4>;  // bit b % 64 of word b / 64 stands for byte b

inline bool contains(const ByteSet& set, uint8_t byte) {
  return (set[byte / 64] >> (byte % 64) & 1) != 0;
}
inline void insert(ByteSet& set, uint8_t byte) {
  set[byte / 64] |= uint64_t{1} << (byte % 64);
}
inline bool is_subset(const ByteSet& some, const ByteSet& of) {
  return ((some[0] & ~of[0]) | (some[1] & ~of[1]) | (some[2] & ~of[2]) | (some[3] & ~of[3])) == 0;
}

class TokenTrie {
 public:
  static constexpr size_t kLongestToken = 1024;  // longer ones are never allowed

  struct Node {
    uint32_t behind;  // the node behind this one's subtree
    uint32_t first;   // ids() from here are the tokens that end here, then those below
    uint16_t depth;   // 1: the first byte of a token
    uint8_t byte;     // the last one of the path
    bool characters;  // every path below is valid UTF-8, maybe with half a character at its end
    uint32_t below;   // bytes_below(): index
  };

  // By id; an empty text is no token.
  explicit TokenTrie(const std::vector<std::string>& bytes_by_id);

  int32_t size() const { return size_; }  // ids
  size_t longest() const { return longest_; }
  // Without the root; one more at the end, whose `first` is ids().size().
  std::span<const Node> nodes() const { return nodes_; }
  // Ids in the order of their bytes; those of nodes i .. j-1 are ids()[nodes()[i].first .. nodes()[j].first).
  std::span<const int32_t> ids() const { return ids_; }
  // All bytes of the paths below a node, its own not among them.
  const ByteSet& bytes_below(const Node& node) const { return below_[node.below]; }
  std::string_view text(int32_t id) const;  // empty: no token
  bool spells(uint8_t byte) const { return contains(single_, byte); }

 private:
  void lay_nodes();
  void sum_bytes_below();
  void find_characters();

  int32_t size_ = 0;
  size_t longest_ = 0;
  std::vector<Node> nodes_;
  std::vector<int32_t> ids_;
  std::vector<ByteSet> below_;
  std::vector<uint32_t> text_begin_;  // by id, into texts_
  std::string texts_;
  ByteSet single_{};
};

}  // namespace aurora::constrain
