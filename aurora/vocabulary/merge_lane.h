// What one thread does of a merge: joins the pair's places in the strip and tallies the neighbours, so that
// the ledger hears of each pair once a merge and not once a place.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "aurora/vocabulary/symbol_strip.h"

namespace aurora::vocabulary {

// Symbols on one side of the merged places.
class Tally {
 public:
  struct Sum {
    uint64_t count = 0;
    uint32_t places = 0;
    Place* room = nullptr;  // where the places of the new pair go; nullptr: nowhere
  };
  void add(const Tally& other) {
    for (const uint32_t symbol : other.met_)
      add(symbol, other.sums_[symbol].count, other.sums_[symbol].places);
  }
  void add(uint32_t symbol, uint64_t count, uint32_t places = 1) {
    if (symbol >= sums_.size()) sums_.resize(symbol + symbol / 2 + 1);
    Sum& sum = sums_[symbol];
    if (sum.places == 0) met_.push_back(symbol);
    sum.count += count;
    sum.places += places;
  }
  const std::vector<uint32_t>& met() const { return met_; }  // symbols, in order of first meeting
  uint64_t count(uint32_t symbol) const { return symbol < sums_.size() ? sums_[symbol].count : 0; }
  bool has(uint32_t symbol) const { return symbol < sums_.size() && sums_[symbol].places != 0; }
  Sum& operator[](uint32_t symbol) { return sums_[symbol]; }
  void clear() {
    for (const uint32_t symbol : met_) sums_[symbol] = {};
    met_.clear();
  }

 private:
  std::vector<Sum> sums_;
  std::vector<uint32_t> met_;
};

struct JoinCells {  // of two symbols to a third
  Cell left;
  Cell right;
  Cell joined;
};

class MergeLane {
 public:
  // Joins those of the places where the pair still is. Threads may do so at once if no word is in two lanes.
  void join(SymbolStrip& strip, std::span<const uint32_t> lengths, JoinCells join,
            std::span<const Place> places);
  // Writes the new pairs' places where the tallies have room for them, and forgets the merge.
  void write_places(std::span<const uint32_t> lengths);

  Tally before;  // symbols left of the joined places, and behind them
  Tally behind;

 private:
  struct Joined {
    Place place;
    Cell before;  // kEdge: none
    Cell behind;
  };
  std::vector<Joined> joined_;
};

}  // namespace aurora::vocabulary
