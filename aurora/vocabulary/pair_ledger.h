// The pairs of neighbours that are frequent enough to matter, their exact counts and places, and which is the
// most frequent.
//
// Only pairs with at least threshold() occurrences are on the ledger. A pair has the most occurrences at the
// merge that makes the later of its two symbols, when all of them are seen at once, and never more
// afterwards: so what is not on the ledger stays below the threshold, and the most frequent pair on it is the
// most frequent of all. When none is left, the pairs are counted anew with a lower threshold (pair_scan.h).
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "aurora/tokenizer/bpe/pair_map.h"
#include "aurora/vocabulary/symbol_strip.h"

namespace aurora::vocabulary {

struct LedgerPair {
  uint64_t count = 0;  // exact; 0 once it has left the ledger
  uint32_t left = 0;
  uint32_t right = 0;
  uint32_t places_size = 0;
  std::unique_ptr<Place[]> places;  // where it begins, ascending; may hold places where it is no more
};

class PairLedger {
 public:
  // Empties it. Every pair that is not put on it afterwards has fewer than `threshold` occurrences.
  void begin(uint64_t threshold);
  uint64_t threshold() const { return threshold_; }

  // A new pair with all its occurrences. Room for its places, which the caller fills before the pair is
  // taken; nullptr: it does not come onto the ledger.
  Place* put(uint32_t left, uint32_t right, uint64_t count, uint32_t places);
  void lower(uint32_t left, uint32_t right, uint64_t count);

  // Takes the most frequent pair off the ledger; of several the smallest (left, right). Its count is 0 when
  // there is none.
  LedgerPair take_top();

 private:
  // A count as it was when claimed: counts only fall, so a top whose claim is true is the most frequent pair.
  struct Claim {
    uint64_t count;
    uint32_t left;
    uint32_t right;
    uint32_t pair;
    bool operator<(const Claim& other) const {
      if (count != other.count) return count < other.count;
      if (left != other.left) return left > other.left;
      return right > other.right;
    }
  };

  uint64_t threshold_ = 0;
  std::vector<LedgerPair> pairs_;
  tokenizer::PairMap<uint32_t> index_;
  std::vector<Claim> claims_;  // a heap
};

}  // namespace aurora::vocabulary
