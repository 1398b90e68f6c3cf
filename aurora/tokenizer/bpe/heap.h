// BPE by its definition, with a heap: the pair of neighbours of lowest rank merges, the leftmost of several,
// until none merges. O(n log n) for any rules: of any ranks, of any number to one result. What every faster
// way is held against.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <tuple>
#include <vector>

namespace aurora::tokenizer {

// One symbol of a word and where it ends in the word's bytes.
struct BpeSymbol {
  int32_t id = 0;
  uint32_t end = 0;
};

// A merge that was made; none: left < 0.
struct BpeStep {
  int32_t left = -1;
  int32_t right = -1;
  uint32_t rank = 0;
};

// Scratch memory is kept between calls. Not thread-safe.
class BpeHeap {
 public:
  // Merges `symbols` in place. Rules: `const Merge* find(int32_t left, int32_t right)`, nullptr for none,
  // where Merge has `rank` and `result`. Returns the last merge.
  template <typename Rules>
  BpeStep merge(const Rules& rules, std::vector<BpeSymbol>& symbols) {
    BpeStep last;
    const uint32_t size = static_cast<uint32_t>(symbols.size());
    next_.resize(size);
    previous_.resize(size);
    heap_.clear();
    for (uint32_t i = 0; i < size; ++i) {
      next_[i] = i + 1 < size ? i + 1 : kNone;
      previous_[i] = i > 0 ? i - 1 : kNone;
    }
    for (uint32_t i = 0; i < size; ++i) offer(rules, symbols, i);
    while (!heap_.empty()) {
      std::pop_heap(heap_.begin(), heap_.end(), std::greater<>());
      const Candidate best = heap_.back();
      heap_.pop_back();
      // A pair that was taken apart meanwhile is passed over.
      const uint32_t right = symbols[best.at].id == best.left ? next_[best.at] : kNone;
      if (right == kNone || symbols[right].id != best.right) continue;
      last = {best.left, best.right, best.rank};
      symbols[best.at] = {rules.find(best.left, best.right)->result, symbols[right].end};
      symbols[right].id = kGone;
      next_[best.at] = next_[right];
      if (next_[right] != kNone) previous_[next_[right]] = best.at;
      offer(rules, symbols, best.at);
      if (previous_[best.at] != kNone) offer(rules, symbols, previous_[best.at]);
    }
    std::erase_if(symbols, [](const BpeSymbol& symbol) { return symbol.id == kGone; });
    return last;
  }

 private:
  static constexpr uint32_t kNone = 0xffffffff;
  static constexpr int32_t kGone = -1;
  struct Candidate {  // a pair that begins at symbol `at`
    uint32_t rank;
    uint32_t at;
    int32_t left;
    int32_t right;
    bool operator>(const Candidate& other) const {
      return std::tie(rank, at) > std::tie(other.rank, other.at);
    }
  };

  template <typename Rules>
  void offer(const Rules& rules, const std::vector<BpeSymbol>& symbols, uint32_t at) {
    if (next_[at] == kNone) return;
    const int32_t left = symbols[at].id;
    const int32_t right = symbols[next_[at]].id;
    const auto* merge = rules.find(left, right);
    if (!merge) return;
    heap_.push_back({merge->rank, at, left, right});
    std::push_heap(heap_.begin(), heap_.end(), std::greater<>());
  }

  std::vector<uint32_t> next_;
  std::vector<uint32_t> previous_;
  std::vector<Candidate> heap_;
};

}  // namespace aurora::tokenizer
