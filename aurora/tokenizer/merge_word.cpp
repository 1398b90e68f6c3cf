#include "aurora/tokenizer/merge_word.h"

#include <algorithm>
#include <functional>

namespace aurora::tokenizer {
namespace {

constexpr size_t kShortBytes = 64;
constexpr uint32_t kNoRank = 0xffffffff;
constexpr uint32_t kEnd = 0xffffffff;
constexpr int32_t kGone = -1;

uint32_t rank_of(const MergeTable& merges, int32_t left, int32_t right) {
  const Merge* merge = merges.find(left, right);
  return merge ? merge->rank : kNoRank;
}

}  // namespace

const std::vector<int32_t>& WordMerger::merge(std::string_view word) {
  ids_.clear();
  for (char byte : word) ids_.push_back(tokenizer_.byte_id(static_cast<uint8_t>(byte)));
  if (word.size() > kShortBytes) {
    merge_long();
  } else if (word.size() > 1) {
    merge_short();
  }
  return ids_;
}

void WordMerger::merge_short() {
  const MergeTable& merges = tokenizer_.merges();
  ranks_.clear();
  for (size_t i = 0; i + 1 < ids_.size(); ++i) ranks_.push_back(rank_of(merges, ids_[i], ids_[i + 1]));
  while (!ranks_.empty()) {
    const auto lowest = std::min_element(ranks_.begin(), ranks_.end());  // the first of equals
    if (*lowest == kNoRank) return;
    const size_t at = static_cast<size_t>(lowest - ranks_.begin());
    ids_[at] = merges.find(ids_[at], ids_[at + 1])->result;
    ids_.erase(ids_.begin() + static_cast<ptrdiff_t>(at) + 1);
    ranks_.erase(lowest);
    if (at < ranks_.size()) ranks_[at] = rank_of(merges, ids_[at], ids_[at + 1]);
    if (at > 0) ranks_[at - 1] = rank_of(merges, ids_[at - 1], ids_[at]);
  }
}

void WordMerger::offer(uint32_t at) {
  if (next_[at] == kEnd) return;
  const int32_t left = ids_[at];
  const int32_t right = ids_[next_[at]];
  const Merge* merge = tokenizer_.merges().find(left, right);
  if (!merge) return;
  heap_.push_back({merge->rank, at, left, right});
  std::push_heap(heap_.begin(), heap_.end(), std::greater<>());
}

void WordMerger::merge_long() {
  const uint32_t size = static_cast<uint32_t>(ids_.size());
  next_.resize(size);
  previous_.resize(size);
  heap_.clear();
  for (uint32_t i = 0; i < size; ++i) {
    next_[i] = i + 1 < size ? i + 1 : kEnd;
    previous_[i] = i > 0 ? i - 1 : kEnd;
  }
  for (uint32_t i = 0; i < size; ++i) offer(i);
  while (!heap_.empty()) {
    std::pop_heap(heap_.begin(), heap_.end(), std::greater<>());
    const Candidate best = heap_.back();
    heap_.pop_back();
    // A pair that was taken apart meanwhile is passed over.
    const uint32_t right = ids_[best.at] == best.left ? next_[best.at] : kEnd;
    if (right == kEnd || ids_[right] != best.right) continue;
    ids_[best.at] = tokenizer_.merges().find(best.left, best.right)->result;
    ids_[right] = kGone;
    next_[best.at] = next_[right];
    if (next_[right] != kEnd) previous_[next_[right]] = best.at;
    offer(best.at);
    if (previous_[best.at] != kEnd) offer(previous_[best.at]);
  }
  ids_.erase(std::remove(ids_.begin(), ids_.end(), kGone), ids_.end());
}

}  // namespace aurora::tokenizer
