// Arithmetic on masks. "Behind" is one byte higher, a run is a stretch of set bits. What crosses the border
// of two blocks is kept in the caller's carries.
#pragma once

#include "aurora/pretokenize/simd_masks.h"

namespace aurora::pretokenize {

// The mask one byte on; carry: the last bit of the block before, replaced by this block's.
[[gnu::always_inline]] inline uint64_t shift_on(uint64_t mask, uint64_t& carry) {
  const uint64_t shifted = mask << 1 | carry;
  carry = mask >> 63;
  return shifted;
}

// a + b + carry, with the carry out of the block.
[[gnu::always_inline]] inline uint64_t add(uint64_t a, uint64_t b, uint64_t& carry) {
  uint64_t sum = 0;
  const bool first = __builtin_add_overflow(a, b, &sum);
  const bool second = __builtin_add_overflow(sum, carry, &sum);
  carry = static_cast<uint64_t>(first) | static_cast<uint64_t>(second);
  return sum;
}

// Of the runs of `mask` from each of `seeds` (bits of it) up to their ends; carry: as if the block before
// ended in a seed. Does not change the carry.
[[gnu::always_inline]] inline uint64_t run_from(uint64_t mask, uint64_t seeds, uint64_t carry) {
  return mask & (~add(mask, seeds, carry) | seeds);
}

// What is right behind the first character of the runs that begin at `starts`. inner: bytes of characters
// behind their first.
[[gnu::always_inline]] inline uint64_t behind_first(uint64_t starts, uint64_t inner, uint64_t& carry) {
  const uint64_t characters = starts | inner;
  return add(characters, starts, carry) & ~characters;
}

// Drops those of `starts`, at most one in a run of `mask`, whose run ends right before a bit of `ends`.
// ends_behind: whether such a bit follows a run that reaches the block's end; asked only then.
template <class EndsBehind>
[[gnu::always_inline]] inline uint64_t drop_ending_at(uint64_t starts, uint64_t mask, uint64_t ends,
                                                      const EndsBehind& ends_behind) {
  uint64_t sum = 0;
  const bool goes_on = __builtin_add_overflow(mask, starts, &sum);
  if (goes_on && ends_behind()) starts &= ~(uint64_t{1} << (63 - __builtin_clzll(starts)));
  for (uint64_t bad = sum & ~mask & ends; bad != 0; bad &= bad - 1) {
    const uint64_t below = starts & ((bad & (0 - bad)) - 1);
    starts &= ~(uint64_t{1} << (63 - __builtin_clzll(below)));
  }
  return starts;
}

// First bytes of the characters that have their last bytes in `last`; those that began in an earlier block
// are left out.
[[gnu::always_inline]] inline uint64_t first_bytes(uint64_t last, uint64_t inner) {
  uint64_t first = last & ~inner;
  for (uint64_t left = last & inner; left != 0; left &= left - 1) {
    const uint64_t below = ~inner & ((left & (0 - left)) - 1);
    if (below != 0) first |= uint64_t{1} << (63 - __builtin_clzll(below));
  }
  return first;
}

// Bits of this block and the next, where what is found in one reaches into the other.
class Reach {
 public:
  // Starts a block: what the one before left in it.
  uint64_t begin() {
    const uint64_t bits = next_;
    next_ = 0;
    return bits;
  }
  // Bits first .. last - 1 of the block, those of them that are in it; the rest is for the next.
  uint64_t add(size_t first, size_t last) {
    uint64_t bits = 0;
    for (size_t i = first; i < last; ++i) {
      if (i < kBlock)
        bits |= uint64_t{1} << i;
      else
        next_ |= uint64_t{1} << (i - kBlock);
    }
    return bits;
  }

 private:
  uint64_t next_ = 0;
};

}  // namespace aurora::pretokenize
