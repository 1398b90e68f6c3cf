// Sample numbers with holes: ranges that are never given out.
#pragma once

#include <cstdint>
#include <vector>

#include "aurora/order/order.h"

namespace aurora::order {

class Skips {
 public:
  Skips() = default;
  // Error naming the range: empty, or overlapping another.
  explicit Skips(std::vector<SampleRange> ranges);

  // A run of samples that follow each other both ways of counting.
  struct Run {
    uint64_t begin;   // skipped ones counted too
    uint64_t length;  // to the next range; at least 1
  };
  Run find(uint64_t sample) const { return holes_.empty() ? Run{sample, ~sample} : find_among_holes(sample); }
  // Skipped ones among the first `samples`, counted too.
  uint64_t skipped_below(uint64_t samples) const;

  size_t memory_bytes() const { return holes_.capacity() * sizeof(Hole); }

 private:
  Run find_among_holes(uint64_t sample) const;

  struct Hole {
    uint64_t at;       // as training counts: this sample is the first behind the hole
    uint64_t skipped;  // in this hole and all before it
  };
  std::vector<Hole> holes_;  // touching ranges are one
};

}  // namespace aurora::order
