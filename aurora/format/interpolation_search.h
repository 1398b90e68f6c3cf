// Search in a sorted list that is costly to look at. Private to this folder.
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>

namespace aurora::format {

// The last i in [0, count) with at(i) <= value, where at(0) <= value < at(count) and at() does not fall;
// looks first at `hint` in [0, count). By interpolation, since each look may miss the cache: a guess is
// followed by a look beside it, meant to find the other side, and a step that does not halve the range by one
// that does. at() may lie: then the answer is some i with at(i) <= value < at(i + 1).
template <typename At>
uint64_t last_not_above(int64_t value, uint64_t count, uint64_t hint, const At& at) {
  uint64_t low = 0, high = count;
  int64_t at_low = at(low), at_high = at(high);
  const auto look = [&](uint64_t i) {
    if (i <= low || i >= high) return;
    const int64_t found = at(i);
    (found <= value ? low : high) = i;
    (found <= value ? at_low : at_high) = found;
  };
  look(hint);
  look(hint + 1);
  while (high - low > 8) {
    const uint64_t range = high - low;
    const double share = (static_cast<double>(value) - static_cast<double>(at_low)) /
                         (static_cast<double>(at_high) - static_cast<double>(at_low));
    const uint64_t step =
        static_cast<uint64_t>(share >= 0 && share < 1 ? share * static_cast<double>(range) : 0);
    const uint64_t guess = low + std::clamp<uint64_t>(step, 1, range - 1);
    // When lengths are random, a guess is off by about the root of the range.
    const uint64_t reach = uint64_t{1} << (std::bit_width(range) / 2 + 1);
    look(guess);
    look(low == guess ? guess + reach : guess - std::min(guess, reach));
    if (high - low > range / 2) look(low + (high - low) / 2);
  }
  while (high - low > 1) look(low + (high - low) / 2);
  return low;
}

}  // namespace aurora::format
