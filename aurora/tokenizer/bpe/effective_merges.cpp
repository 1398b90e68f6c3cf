#include "aurora/tokenizer/bpe/effective_merges.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <string_view>
#include <unordered_map>

#include "aurora/base/error.h"
#include "aurora/base/utf8.h"
#include "aurora/tokenizer/bpe/pair_map.h"

namespace aurora::tokenizer {
namespace {

struct Rule {
  uint32_t rank = 0;
  int32_t result = 0;
};
using Rules = PairMap<Rule>;
using Pair = std::pair<int32_t, int32_t>;

// Merges the symbols of one token until two are left.
class LastPair {
 public:
  explicit LastPair(const Rules& rules) : rules_(rules) {}

  // {-1, -1}: it ends with another number of symbols. Clears nothing of `symbols`' meaning to the caller.
  Pair find(std::vector<int32_t>& symbols) {
    return symbols.size() <= kShort ? find_short(symbols) : find_long(symbols);
  }

 private:
  static constexpr size_t kShort = 48;
  static constexpr Pair kNone = {-1, -1};

  Pair find_short(std::vector<int32_t>& symbols) {
    while (symbols.size() > 2) {
      const Rule* best = nullptr;
      size_t at = 0;
      for (size_t i = 0; i + 1 < symbols.size(); ++i) {
        const Rule* rule = rules_.find(symbols[i], symbols[i + 1]);
        if (rule && (!best || rule->rank < best->rank)) best = rule, at = i;
      }
      if (!best) return kNone;
      symbols[at] = best->result;
      symbols.erase(symbols.begin() + static_cast<ptrdiff_t>(at) + 1);
    }
    return symbols.size() == 2 ? Pair{symbols[0], symbols[1]} : kNone;
  }

  struct Candidate {
    uint32_t rank;
    uint32_t at;
    int32_t left;
    int32_t right;
    bool operator>(const Candidate& other) const {
      return rank != other.rank ? rank > other.rank : at > other.at;
    }
  };

  // With a heap: O(n log n) for tokens of any length.
  Pair find_long(std::vector<int32_t>& symbols) {
    const uint32_t size = static_cast<uint32_t>(symbols.size());
    const uint32_t end = size;
    next_.resize(size);
    previous_.resize(size);
    heap_.clear();
    const auto offer = [&](uint32_t at) {
      if (next_[at] == end) return;
      const Rule* rule = rules_.find(symbols[at], symbols[next_[at]]);
      if (!rule) return;
      heap_.push_back({rule->rank, at, symbols[at], symbols[next_[at]]});
      std::push_heap(heap_.begin(), heap_.end(), std::greater<>());
    };
    for (uint32_t i = 0; i < size; ++i) {
      next_[i] = i + 1;
      previous_[i] = i > 0 ? i - 1 : end;
    }
    for (uint32_t i = 0; i < size; ++i) offer(i);
    uint32_t left = size;
    while (left > 2 && !heap_.empty()) {
      std::pop_heap(heap_.begin(), heap_.end(), std::greater<>());
      const Candidate best = heap_.back();
      heap_.pop_back();
      const uint32_t right = symbols[best.at] == best.left ? next_[best.at] : end;
      if (right == end || symbols[right] != best.right) continue;  // taken apart meanwhile
      symbols[best.at] = rules_.find(best.left, best.right)->result;
      symbols[right] = kGone;
      next_[best.at] = next_[right];
      if (next_[right] != end) previous_[next_[right]] = best.at;
      --left;
      offer(best.at);
      if (previous_[best.at] != end) offer(previous_[best.at]);
    }
    return left == 2 ? Pair{symbols[0], symbols[next_[0]]} : kNone;
  }

  static constexpr int32_t kGone = -2;
  const Rules& rules_;
  std::vector<uint32_t> next_;
  std::vector<uint32_t> previous_;
  std::vector<Candidate> heap_;
};

// The tokens that merges make or take, by text.
class Symbols {
 public:
  explicit Symbols(const Spec& spec) : spec_(spec) {
    ids_.reserve(spec.tokens.size());
    for (size_t id = 0; id < spec.tokens.size(); ++id) {
      const Token& token = spec.tokens[id];
      if (token.kind != TokenKind::kNormal) continue;
      ids_.emplace(token.text, static_cast<int32_t>(id));
    }
  }

  // false when a character is no token.
  bool of(std::string_view text, std::vector<int32_t>& symbols) const {
    symbols.clear();
    for (size_t at = 0; at < text.size();) {
      const size_t bytes = spec_.byte_level ? 1 : decode_utf8(text, at).bytes;
      const auto found = ids_.find(text.substr(at, bytes));
      if (found == ids_.end()) return false;
      symbols.push_back(found->second);
      at += bytes;
    }
    return true;
  }

  // Shortest first: what a token merges of is shorter.
  std::vector<int32_t> by_length() const {
    std::vector<int32_t> order;
    for (size_t id = 0; id < spec_.tokens.size(); ++id) {
      if (spec_.tokens[id].kind == TokenKind::kNormal) order.push_back(static_cast<int32_t>(id));
    }
    std::stable_sort(order.begin(), order.end(), [&](int32_t a, int32_t b) {
      return spec_.tokens[a].text.size() < spec_.tokens[b].text.size();
    });
    return order;
  }

 private:
  const Spec& spec_;
  std::unordered_map<std::string_view, int32_t> ids_;
};

void sort_by_rank(std::vector<MergeRule>& merges) {
  std::sort(merges.begin(), merges.end(), [](const MergeRule& a, const MergeRule& b) {
    return a.rank != b.rank ? a.rank < b.rank : a.result < b.result;
  });
}

}  // namespace

bool has_distinct_ranks(const Spec& spec) {
  for (size_t i = 1; i < spec.merges.size(); ++i) {
    if (spec.merges[i].rank == spec.merges[i - 1].rank) return false;
  }
  return true;
}

std::vector<MergeRule> effective_merges(const Spec& spec) {
  Rules rules(spec.merges.size());
  for (const MergeRule& merge : spec.merges)
    rules.insert(merge.left, merge.right, {merge.rank, merge.result});
  const Symbols all(spec);
  LastPair last(rules);
  std::vector<MergeRule> merges;
  std::vector<int32_t> symbols;
  for (const int32_t id : all.by_length()) {
    if (!all.of(spec.tokens[id].text, symbols)) continue;
    const auto [left, right] = last.find(symbols);
    const Rule* rule = left < 0 ? nullptr : rules.find(left, right);
    if (rule) merges.push_back({left, right, id, rule->rank});
  }
  sort_by_rank(merges);
  for (size_t i = 1; i < merges.size(); ++i) {
    if (merges[i].rank != merges[i - 1].rank) continue;
    throw Error(fmt::format("tokens {} and {} merge with one rank", merges[i - 1].result, merges[i].result),
                "tokenizer", "write another format");
  }
  return merges;
}

std::vector<MergeRule> merges_of_ranks(const Spec& spec, std::span<const uint32_t> rank_of_token) {
  const Symbols all(spec);
  Rules rules(spec.tokens.size());
  LastPair last(rules);
  std::vector<MergeRule> merges;
  std::vector<int32_t> symbols;
  for (const int32_t id : all.by_length()) {
    if (rank_of_token[id] == kNoRank || !all.of(spec.tokens[id].text, symbols)) continue;
    const auto [left, right] = last.find(symbols);
    if (left < 0) continue;
    merges.push_back({left, right, id, rank_of_token[id]});
    rules.insert(left, right, {rank_of_token[id], id});
  }
  sort_by_rank(merges);
  uint32_t before = 0;
  uint32_t rank = 0;
  for (MergeRule& merge : merges) {
    if (&merge != merges.data() && merge.rank != before) ++rank;
    before = std::exchange(merge.rank, rank);
  }
  return merges;
}

}  // namespace aurora::tokenizer
