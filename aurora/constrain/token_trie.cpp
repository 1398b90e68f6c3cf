#include "aurora/constrain/token_trie.h"

#include <algorithm>
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
      nodes_.push_back({0, t, static_cast<uint16_t>(depth), static_cast<uint8_t>(bytes[depth - 1]), 0, 0});
    }
    last = bytes;
  }
  for (const uint32_t node : open) nodes_[node].behind = static_cast<uint32_t>(nodes_.size());
  const auto end = static_cast<uint32_t>(nodes_.size());
  nodes_.push_back({end, static_cast<uint32_t>(ids_.size()), 0, 0, 0, 0});
}

void TokenTrie::sum_bytes_below() {
  std::map<ByteSet, uint32_t> numbers;  // few sets are different
  std::vector<ByteSet> below(nodes_.size());
  for (size_t i = nodes_.size() - 1; i-- > 0;) {
    for (uint32_t child = static_cast<uint32_t>(i) + 1; child < nodes_[i].behind;
         child = nodes_[child].behind) {
      insert(below[i], nodes_[child].byte);
      for (size_t word = 0; word < 4; ++word) below[i][word] |= below[child][word];
    }
    const auto [entry, is_new] = numbers.emplace(below[i], static_cast<uint32_t>(below_.size()));
    if (is_new) below_.push_back(below[i]);
    nodes_[i].below = entry->second;
  }
}

std::string_view TokenTrie::text(int32_t id) const {
  const uint32_t begin = text_begin_[static_cast<size_t>(id)];
  return std::string_view(texts_).substr(begin, text_begin_[static_cast<size_t>(id) + 1] - begin);
}

}  // namespace aurora::constrain
