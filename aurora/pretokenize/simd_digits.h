// Numbers in groups of three.
#pragma once

#include "aurora/pretokenize/simd_masks.h"

namespace aurora::pretokenize {

// Starts of the groups of at most three numbers that a run of numbers is cut into.
class DigitGroups {
 public:
  [[gnu::always_inline]] uint64_t cuts(uint64_t number, const Masks& masks) {
    if (number == 0) {
      in_group_ = 0;
      return 0;
    }
    const uint64_t starts = number & ~(number << 1 | static_cast<uint64_t>(in_group_ != 0));
    if (__builtin_expect((number & masks.high) != 0, 0)) {
      const OneByOne found = one_by_one(number, starts, masks.inner, in_group_);
      in_group_ = found.in_group;
      return found.cuts;
    }
    const uint64_t third = number & number << 1 & number << 2;
    uint64_t next = (starts << 3) & third;
    if (in_group_ != 0) next |= carried_on(number);
    uint64_t cuts = starts | next;
    while ((next = (next << 3) & third) != 0) cuts |= next;
    in_group_ = number >> 63 == 0 ? 0 : 1 + static_cast<uint32_t>(__builtin_clzll(cuts));
    return cuts;
  }

 private:
  // Where the group that the block before left open is full, if numbers go on up to there.
  [[gnu::always_inline]] uint64_t carried_on(uint64_t number) const {
    const uint64_t at = uint64_t{1} << (3 - in_group_);
    const uint64_t wanted = (at << 1) - 1;
    return (number & wanted) == wanted ? at : 0;
  }

  // Does not see this object, which so can live in registers.
  struct OneByOne {
    uint64_t cuts = 0;
    uint32_t in_group = 0;
  };
  [[gnu::noinline]] static OneByOne one_by_one(uint64_t number, uint64_t starts, uint64_t inner,
                                               uint32_t in_group) {
    OneByOne found{0, in_group};
    for (uint64_t left = number & ~inner; left != 0; left &= left - 1) {
      const uint64_t here = left & (0 - left);
      if ((here & starts) != 0 || found.in_group == 3) found.in_group = 0;
      if (found.in_group == 0) found.cuts |= here;
      ++found.in_group;
    }
    if (number >> 63 == 0) found.in_group = 0;
    return found;
  }

  uint32_t in_group_ = 0;  // numbers in the group that is open at the block's end
};

}  // namespace aurora::pretokenize
