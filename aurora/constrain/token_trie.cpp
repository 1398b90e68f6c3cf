#include "aurora/constrain/token_trie.h"

#include <algorithm>
#include <array>
#include <map>
#include <numeric>

namespace aurora::constrain {
namespace {

// Bytes of all common prefix of two sorted neighbours.
size_t common_prefix(std::string_view a, std::string_view b) {
  const size_t length = std::min(a.size(), b.size());
  return static_cast<size_t>(
      std::mismatch(a.begin(), a.begin() + static_cast<ptrdiff_t>(length), b.begin()).first - a.begin());
}

// RFC 3629 as an automaton: 0 is between two characters, 1 .. 3 want so many bytes more, the others are
// behind a first byte that allows fewer second ones.
constexpr int kUtf8States = 8;
int next_utf8(int state, uint8_t byte) {
  struct Second {
    uint8_t low, high;
    int next;
  };
  constexpr std::array<Second, kUtf8States> kSeconds = {{{0, 0, 0},
                                                         {0x80, 0xbf, 0},
                                                         {0x80, 0xbf, 1},
                                                         {0x80, 0xbf, 2},
                                                         {0xa0, 0xbf, 1},    // behind e0
                                                         {0x80, 0x9f, 1},    // ed
                                                         {0x90, 0xbf, 2},    // f0
                                                         {0x80, 0x8f, 2}}};  // f4
  if (state > 0) {
    const Second& second = kSeconds[static_cast<size_t>(state)];
    return second.low <= byte && byte <= second.high ? second.next : -1;
  }
  if (byte < 0x80) return 0;
  if (byte < 0xc2 || byte > 0xf4) return -1;
  if (byte < 0xe0) return 1;
  if (byte < 0xf0) return byte == 0xe0 ? 4 : byte == 0xed ? 5 : 2;
  return byte == 0xf0 ? 6 : byte == 0xf4 ? 7 : 3;
}

}  // namespace

TokenTrie::TokenTrie(const std::vector<std::string>& bytes_by_id)
    : size_(static_cast<int32_t>(bytes_by_id.size())) {
  text_begin_ = {0};
  for (size_t id = 0; id < bytes_by_id.size(); ++id) {
    const std::string& bytes = bytes_by_id[id];
    if (bytes.size() <= kLongestToken) texts_ += bytes;
    text_begin_.push_back(static_cast<uint32_t>(texts_.size()));
    const std::string_view kept = text(static_cast<int32_t>(id));
    if (kept.size() == 1) insert(single_, static_cast<uint8_t>(kept[0]));
    longest_ = std::max(longest_, kept.size());
    if (!kept.empty()) ids_.push_back(static_cast<int32_t>(id));
  }
  std::sort(ids_.begin(), ids_.end(), [&](int32_t a, int32_t b) {
    const int order = text(a).compare(text(b));
    return order != 0 ? order < 0 : a < b;
  });
  lay_nodes();
  sum_bytes_below();
  find_characters();
}

void TokenTrie::lay_nodes() {
  std::vector<uint32_t> open;  // nodes of the path to the last one
  std::string_view last;
  for (uint32_t t = 0; t < ids_.size(); ++t) {
    const std::string_view bytes = text(ids_[t]);
    const size_t shared = common_prefix(last, bytes);
    while (open.size() > shared) {
      nodes_[open.back()].behind = static_cast<uint32_t>(nodes_.size());
      open.pop_back();
    }
    for (size_t depth = shared + 1; depth <= bytes.size(); ++depth) {
      open.push_back(static_cast<uint32_t>(nodes_.size()));
      nodes_.push_back(
          {0, t, static_cast<uint16_t>(depth), static_cast<uint8_t>(bytes[depth - 1]), false, 0});
    }
    last = bytes;
  }
  for (const uint32_t node : open) nodes_[node].behind = static_cast<uint32_t>(nodes_.size());
  const auto end = static_cast<uint32_t>(nodes_.size());
  nodes_.push_back({end, static_cast<uint32_t>(ids_.size()), 0, 0, false, 0});
}

void TokenTrie::sum_bytes_below() {
  std::map<ByteSet, uint32_t> numbers;  // few sets are different
  numbers.emplace(ByteSet{}, 0);
  below_.push_back({});
  std::vector<ByteSet> below(nodes_.size());
  for (size_t i = nodes_.size() - 1; i-- > 0;) {
    for (uint32_t child = static_cast<uint32_t>(i) + 1; child < nodes_[i].behind;
         child = nodes_[child].behind) {
      insert(below[i], nodes_[child].byte);
      for (size_t word = 0; word < 4; ++word) below[i][word] |= below[child][word];
    }
    if (nodes_[i].behind == i + 1) continue;
    const auto [entry, is_new] = numbers.emplace(below[i], static_cast<uint32_t>(below_.size()));
    if (is_new) below_.push_back(below[i]);
    nodes_[i].below = entry->second;
  }
}

void TokenTrie::find_characters() {
  // By node: a bit for each state from which all paths below are valid.
  std::vector<uint8_t> valid(nodes_.size(), 0xff);
  for (size_t i = nodes_.size() - 1; i-- > 0;) {
    for (uint32_t child = static_cast<uint32_t>(i) + 1; child < nodes_[i].behind;
         child = nodes_[child].behind) {
      for (int state = 0; state < kUtf8States; ++state) {
        const int next = next_utf8(state, nodes_[child].byte);
        if (next < 0 || (valid[child] >> next & 1) == 0) valid[i] &= static_cast<uint8_t>(~(1 << state));
      }
    }
    nodes_[i].characters = (valid[i] & 1) != 0;
  }
}

std::string_view TokenTrie::text(int32_t id) const {
  const uint32_t begin = text_begin_[static_cast<size_t>(id)];
  return std::string_view(texts_).substr(begin, text_begin_[static_cast<size_t>(id) + 1] - begin);
}

}  // namespace aurora::constrain
