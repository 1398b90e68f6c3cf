#include "aurora/constrain/code_set.h"

#include <algorithm>

namespace aurora::constrain {
namespace {
constexpr uint32_t kFirstSurrogate = 0xd800;
constexpr uint32_t kLastSurrogate = 0xdfff;
}  // namespace

void CodeSet::add(uint32_t low, uint32_t high) {
  if (low < kFirstSurrogate) add_range(low, std::min(high, kFirstSurrogate - 1));
  if (high > kLastSurrogate) add_range(std::max(low, kLastSurrogate + 1), high);
}

void CodeSet::add(const CodeSet& other) {
  for (const CodeRange& range : other.ranges_) add_range(range.low, range.high);
}

void CodeSet::add_range(uint32_t low, uint32_t high) {
  // Ranges that touch [low, high] melt into it.
  auto first = std::partition_point(ranges_.begin(), ranges_.end(),
                                    [&](const CodeRange& range) { return range.high + 1 < low; });
  auto behind = first;
  for (; behind != ranges_.end() && behind->low <= high + 1; ++behind) {
    low = std::min(low, behind->low);
    high = std::max(high, behind->high);
  }
  first = ranges_.erase(first, behind);
  ranges_.insert(first, {low, high});
}

CodeSet CodeSet::complement() const {
  CodeSet rest;
  uint32_t next = 0;
  for (const CodeRange& range : ranges_) {
    if (range.low > next) rest.add(next, range.low - 1);
    next = range.high + 1;
  }
  if (next <= kLastCodePoint) rest.add(next, kLastCodePoint);
  return rest;
}

bool CodeSet::contains(uint32_t code_point) const {
  const auto range = std::partition_point(ranges_.begin(), ranges_.end(),
                                          [&](const CodeRange& each) { return each.high < code_point; });
  return range != ranges_.end() && range->low <= code_point;
}

}  // namespace aurora::constrain
