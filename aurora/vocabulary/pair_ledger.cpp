#include "aurora/vocabulary/pair_ledger.h"

#include <algorithm>

#include "aurora/base/check.h"

namespace aurora::vocabulary {

void PairLedger::begin(uint64_t threshold) {
  threshold_ = threshold;
  pairs_.clear();
  claims_.clear();
  index_ = tokenizer::PairMap<uint32_t>();
}

Place* PairLedger::put(uint32_t left, uint32_t right, uint64_t count, uint32_t places) {
  if (count < threshold_) return nullptr;
  const uint32_t index = static_cast<uint32_t>(pairs_.size());
  const bool added = index_.insert(static_cast<int32_t>(left), static_cast<int32_t>(right), index).second;
  AURORA_CHECK(added, "pair {} {} is new twice", left, right);
  pairs_.push_back({count, left, right, places, std::make_unique_for_overwrite<Place[]>(places)});
  claims_.push_back({count, left, right, index});
  std::push_heap(claims_.begin(), claims_.end());
  return pairs_.back().places.get();
}

void PairLedger::lower(uint32_t left, uint32_t right, uint64_t count) {
  const uint32_t* index = index_.find(static_cast<int32_t>(left), static_cast<int32_t>(right));
  if (index == nullptr || pairs_[*index].count == 0) return;
  LedgerPair& pair = pairs_[*index];
  AURORA_CHECK(pair.count >= count, "pair {} {}: {} - {}", left, right, pair.count, count);
  pair.count -= count;
  if (pair.count >= threshold_) return;
  pair.count = 0;
  pair.places.reset();
}

LedgerPair PairLedger::take_top() {
  while (!claims_.empty()) {
    std::pop_heap(claims_.begin(), claims_.end());
    Claim& best = claims_.back();
    LedgerPair& pair = pairs_[best.pair];
    if (pair.count == best.count) {
      claims_.pop_back();
      LedgerPair taken = std::move(pair);
      pair.count = 0;
      return taken;
    }
    if (pair.count > 0) {
      best.count = pair.count;
      std::push_heap(claims_.begin(), claims_.end());
    } else {
      claims_.pop_back();
    }
  }
  return {};
}

}  // namespace aurora::vocabulary
