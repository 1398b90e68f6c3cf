// A keyed bijection on [0, size): the shuffle of a corpus as a function, not as an array. One look-up costs
// some tens of nanoseconds and no memory, whatever the size (64 bits throughout).
//
// A Feistel network over the mixed-radix domain a*b, where a = ceil(sqrt(size)) and b = ceil(size/a), so the
// domain is at most a-1 larger than the size; values beyond the size are sent round again (cycle walking:
// Black & Rogaway 2002), which is rare because the domain is tight. Even rounds add a hash of the right digit
// to the left one modulo a, odd rounds the other way modulo b (Bellare, Ristenpart, Rogaway, Stegers 2009).
// This is a shuffle, not a cipher.
#pragma once

#include <array>
#include <cstdint>

#include "aurora/base/random.h"

namespace aurora::dataset {

class Permutation {
 public:
  // size: at least 1, at most 2^62. The permutation depends on size and key only.
  Permutation(uint64_t size, RandomKey key);

  uint64_t size() const { return size_; }
  // Where `index` < size() goes. Thread-safe.
  uint64_t operator()(uint64_t index) const;

 private:
  static constexpr int kRounds = 8;
  uint64_t round_trip(uint64_t value) const;

  uint64_t size_;
  uint64_t left_;   // a
  uint64_t right_;  // b
  std::array<uint64_t, kRounds> keys_;
};

}  // namespace aurora::dataset
