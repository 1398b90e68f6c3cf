// Counts every pair of neighbours in a strip and puts those that occur often enough on the ledger.
#pragma once

#include <cstdint>
#include <span>

#include "aurora/base/threads.h"
#include "aurora/vocabulary/pair_ledger.h"
#include "aurora/vocabulary/symbol_strip.h"

namespace aurora::vocabulary {

struct ScanSettings {
  uint64_t least = 1;            // the threshold is at least this,
  uint64_t ratio = 256;          // and else an upper bound of the highest count divided by this
  uint32_t longest_bytes = ~0u;  // pairs of more bytes are passed over
};

// The first scan: all symbols are bytes, 0 .. 255.
void scan_byte_pairs(const SymbolStrip& strip, const ScanSettings& settings, Pool& pool, PairLedger& ledger);

// A later scan: no pair has ledger.threshold() occurrences or more. The threshold is also such that about
// `wanted` pairs are on the ledger, which is how many merges there are to come at most: mostly that is
// enough, as new pairs come too, and it never needs many more scans. Three passes over the strip, its parts
// in parallel: sums by a hash of the pair, which bound every count from above; exact counts of the pairs
// whose sum reaches the threshold; places of those whose count does. lengths[s]: bytes of symbol s.
void scan_pairs(const SymbolStrip& strip, std::span<const uint32_t> lengths, const ScanSettings& settings,
                size_t wanted, Pool& pool, PairLedger& ledger);

}  // namespace aurora::vocabulary
