#include "aurora/order/skips.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "aurora/base/error.h"

namespace aurora::order {
namespace {

std::string name_of(const SampleRange& range) {
  return fmt::format("samples {} to {}", range.begin, range.end);
}

}  // namespace

Skips::Skips(std::vector<SampleRange> ranges) {
  for (const SampleRange& range : ranges)
    if (range.begin >= range.end)
      throw Error("a range of skipped samples is empty", name_of(range),
                  "its end is the first sample not skipped: make it larger than its begin");
  std::sort(ranges.begin(), ranges.end(), [](const auto& a, const auto& b) { return a.begin < b.begin; });
  for (size_t i = 1; i < ranges.size(); ++i)
    if (ranges[i].begin < ranges[i - 1].end)
      throw Error("two ranges of skipped samples overlap",
                  name_of(ranges[i - 1]) + " and " + name_of(ranges[i]), "make them one, or let them touch");
  uint64_t skipped = 0;
  for (const SampleRange& range : ranges) {
    const uint64_t at = range.begin - skipped;
    skipped += range.end - range.begin;
    if (!holes_.empty() && holes_.back().at == at)
      holes_.back().skipped = skipped;
    else
      holes_.push_back({at, skipped});
  }
  holes_.shrink_to_fit();
}

Skips::Run Skips::find_among_holes(uint64_t sample) const {
  const auto next = std::upper_bound(holes_.begin(), holes_.end(), sample,
                                     [](uint64_t value, const Hole& hole) { return value < hole.at; });
  const uint64_t skipped = next == holes_.begin() ? 0 : std::prev(next)->skipped;
  const uint64_t end = next == holes_.end() ? std::numeric_limits<uint64_t>::max() : next->at;
  return {sample + skipped, end - sample};
}

uint64_t Skips::skipped_below(uint64_t samples) const {
  uint64_t before = 0;
  for (const Hole& hole : holes_) {
    const uint64_t begin = hole.at + before;  // counted too
    if (begin >= samples) break;
    before = std::min(hole.skipped, before + samples - begin);
  }
  return before;
}

}  // namespace aurora::order
