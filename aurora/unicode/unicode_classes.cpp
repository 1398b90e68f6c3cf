#include "aurora/unicode/unicode_classes.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <map>

namespace aurora::unicode {
namespace {

constexpr uint32_t kRanges[] = {
#include "aurora/unicode/unicode_classes.inc"
};
constexpr uint32_t kCodePoints = 0x110000;

}  // namespace

UnicodeClasses::UnicodeClasses() {
  std::vector<CharClass> all(kCodePoints);
  for (size_t i = 0; i < std::size(kRanges); ++i) {
    const uint32_t begin = kRanges[i] >> 2;
    const uint32_t end = i + 1 < std::size(kRanges) ? kRanges[i + 1] >> 2 : kCodePoints;
    std::fill(all.begin() + begin, all.begin() + end, static_cast<CharClass>(kRanges[i] & 3));
  }
  std::map<std::array<CharClass, 256>, uint16_t> known;
  for (uint32_t begin = 0; begin < kCodePoints; begin += 256) {
    std::array<CharClass, 256> page;
    std::copy_n(all.begin() + begin, 256, page.begin());
    const auto [found, added] = known.emplace(page, static_cast<uint16_t>(known.size()));
    if (added) pages_.insert(pages_.end(), page.begin(), page.end());
    page_of_.push_back(found->second);
  }
}

const UnicodeClasses& UnicodeClasses::table() {
  static const UnicodeClasses classes;
  return classes;
}

}  // namespace aurora::unicode
