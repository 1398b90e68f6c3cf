#include "aurora/vocabulary/merge_lane.h"

namespace aurora::vocabulary {
namespace {
constexpr size_t kAhead = 24;  // places on their way from memory
}

void MergeLane::join(SymbolStrip& strip, std::span<const uint32_t> lengths, JoinCells join,
                     std::span<const Place> places) {
  Cell* cells = strip.cells();
  const uint32_t left_length = length_in(join.left, lengths);
  const uint32_t right_length = length_in(join.right, lengths);
  for (size_t i = 0; i < places.size(); ++i) {
    if (i + kAhead < places.size()) __builtin_prefetch(cells + places[i + kAhead].at, 1);
    const Place place = places[i];
    const uint32_t at = place.at;
    if (cells[at] != join.left) continue;
    const uint32_t right_at = at + left_length;
    if (cells[right_at] != join.right) continue;
    const uint32_t end = right_at + right_length;
    const Cell before = cells[at - 1];
    const Cell behind = cells[end];
    // No cell inside may look like the begin of a symbol that was there.
    cells[right_at - 1] = SymbolStrip::kGone;
    cells[right_at] = SymbolStrip::kGone;
    cells[at] = join.joined;
    cells[end - 1] = join.joined;
    const uint64_t count = place.count != SymbolStrip::kMany ? place.count : strip.count_at(at);
    if (before != SymbolStrip::kEdge) this->before.add(symbol_in(before), count);
    if (behind != SymbolStrip::kEdge) this->behind.add(symbol_in(behind), count);
    joined_.push_back({place, before, behind});
  }
}

void MergeLane::write_places(std::span<const uint32_t> lengths) {
  for (const Joined& joined : joined_) {
    if (joined.before != SymbolStrip::kEdge) {
      Place*& room = before[symbol_in(joined.before)].room;
      if (room != nullptr)
        *room++ = {joined.place.at - length_in(joined.before, lengths), joined.place.count};
    }
    if (joined.behind != SymbolStrip::kEdge) {
      Place*& room = behind[symbol_in(joined.behind)].room;
      if (room != nullptr) *room++ = joined.place;
    }
  }
  joined_.clear();
  before.clear();
  behind.clear();
}

}  // namespace aurora::vocabulary
