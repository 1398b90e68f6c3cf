// Characters that are not ASCII, one by one, into the masks of a block.
#pragma once

#include "aurora/pretokenize/simd_masks.h"

namespace aurora::pretokenize {

inline uint64_t all_if(uint32_t flag) {
  return uint64_t{0} - uint64_t{flag};
}

[[gnu::always_inline]] inline void add_character(Masks& masks, uint64_t bits, uint32_t traits) {
  masks.letter |= bits & all_if(traits & 1);
  masks.number |= bits & all_if(traits >> 1 & 1);
  masks.space |= bits & all_if(traits >> 2 & 1);
  masks.upper |= bits & all_if(traits >> 3 & 1);
  masks.lower |= bits & all_if(traits >> 4 & 1);
  masks.mark |= bits & all_if(traits >> 5 & 1);
  masks.symbol |= bits & all_if(traits >> 6 & 1);
  masks.cjk |= bits & all_if(traits >> 7 & 1);
}

// Adds the end of the character that the block before began; block.spill is still that block's. Returns its
// bytes.
[[gnu::always_inline]] inline uint64_t add_spilled(Block& block) {
  if (block.spill.bytes == 0) return 0;
  const uint64_t bits = (uint64_t{1} << block.spill.bytes) - 1;
  add_character(block.masks, bits, block.spill.traits);
  block.masks.inner |= bits;
  block.spill.bytes = 0;
  return bits;
}

// Adds the characters, and invalid bytes, whose bytes are in `left`.
template <class Family>
[[gnu::always_inline]] inline void add_one_by_one(Block& block, uint64_t left) {
  Masks masks = block.masks;
  const std::string_view readable{block.bytes, kReadable};
  while (left != 0) {
    const uint32_t at = static_cast<uint32_t>(__builtin_ctzll(left));
    const unicode::Char here = unicode::read(readable, at);
    const uint32_t traits = Family::traits(here);
    const uint64_t bits = ((uint64_t{1} << here.bytes) - 1) << at;
    add_character(masks, bits, traits);
    masks.inner |= bits & (bits << 1);
    left &= ~bits;
    if (at + here.bytes > kBlock) {
      block.spill = {at + here.bytes - static_cast<uint32_t>(kBlock), static_cast<uint8_t>(traits)};
    }
  }
  block.masks = masks;
}

}  // namespace aurora::pretokenize
