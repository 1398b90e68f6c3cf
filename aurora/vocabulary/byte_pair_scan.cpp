#include <algorithm>
#include <array>
#include <memory>
#include <vector>

#include "aurora/vocabulary/pair_scan.h"

namespace aurora::vocabulary {
namespace {

constexpr size_t kPairs = 256 * 256;
constexpr std::array<uint32_t, 256> kLengths = [] {
  std::array<uint32_t, 256> lengths{};
  lengths.fill(1);
  return lengths;
}();

struct Counted {
  uint64_t count = 0;
  uint32_t places = 0;
  Place* room = nullptr;
};

size_t index_of(Cell left, Cell right) {
  return symbol_in(left) << 8 | symbol_in(right);
}

}  // namespace

void scan_byte_pairs(const SymbolStrip& strip, const ScanSettings& settings, Pool& pool, PairLedger& ledger) {
  const std::vector<SymbolStrip::Part> parts = strip.parts(static_cast<size_t>(pool.threads()));
  std::vector<std::vector<Counted>> counted(parts.size());
  pool.for_each(parts.size(), [&](size_t part) {
    std::vector<Counted>& mine = counted[part];
    mine.resize(kPairs);
    strip.walk(parts[part], kLengths, [&](Cell left, Cell right, uint32_t, uint32_t word) {
      Counted& pair = mine[index_of(left, right)];
      pair.count += strip.word_count(word);
      ++pair.places;
    });
  });
  std::vector<Counted> all(kPairs);
  uint64_t most = 0;
  for (size_t i = 0; i < kPairs; ++i) {
    for (const std::vector<Counted>& part : counted) {
      all[i].count += part[i].count;
      all[i].places += part[i].places;
    }
    most = std::max(most, all[i].count);
  }
  ledger.begin(std::max(settings.least, most / settings.ratio));
  for (uint32_t i = 0; i < kPairs && settings.longest_bytes >= 2; ++i) {
    Place* room = ledger.put(i >> 8, i & 255, all[i].count, all[i].places);
    if (room == nullptr) continue;
    for (std::vector<Counted>& part : counted) {
      part[i].room = room;
      room += part[i].places;
    }
  }
  pool.for_each(parts.size(), [&](size_t part) {
    std::vector<Counted>& mine = counted[part];
    strip.walk(parts[part], kLengths, [&](Cell left, Cell right, uint32_t at, uint32_t word) {
      Place*& room = mine[index_of(left, right)].room;
      if (room != nullptr) *room++ = {at, strip.place_count(word)};
    });
  });
}

}  // namespace aurora::vocabulary
