// Arithmetic on masks that several families of schemes share. "Before" is one byte lower, "run" a stretch of
// set bits. What crosses the border of two blocks is kept in the caller's carries.
#pragma once

#include "aurora/pretokenize/simd_masks.h"

namespace aurora::pretokenize {

// mask one byte on; carry: the last bit of the block before, replaced by this block's.
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

// Whether the character at text[at] is white space; behind the text's end, yes.
inline bool space_at(std::string_view text, size_t at) {
  return at >= text.size() || unicode::contains(unicode::kSpaces, unicode::read(text, at).kind);
}

// Whether white space from text[at] on has a line end in it.
[[gnu::noinline]] inline bool line_end_follows(std::string_view text, size_t at) {
  while (at < text.size()) {
    const unicode::Char here = unicode::read(text, at);
    if (here.kind == unicode::Class::kLineEnd) return true;
    if (here.kind != unicode::Class::kSpace) return false;
    at += here.bytes;
  }
  return false;
}

// End of 's 't 're 've 'm 'll 'd whose apostrophe is at text[at]; 0: none. In any case if asked, then also
// the long s (U+017F), which folds to s.
template <bool kAnyCase>
[[gnu::noinline]] size_t contraction_end(std::string_view text, size_t at) {
  const auto byte = [&](size_t i) { return i < text.size() ? static_cast<uint8_t>(text[i]) : uint8_t{0}; };
  const auto letter = [&](size_t i) { return static_cast<uint8_t>(kAnyCase ? byte(i) | 0x20 : byte(i)); };
  const uint8_t first = letter(at + 1);
  if (first == 's' || first == 't' || first == 'm' || first == 'd') return at + 2;
  const uint8_t second = letter(at + 2);
  if ((first == 'r' || first == 'v') && second == 'e') return at + 3;
  if (first == 'l' && second == 'l') return at + 3;
  if (kAnyCase && byte(at + 1) == 0xc5 && byte(at + 2) == 0xbf) return at + 3;
  return 0;
}

// First bytes of the characters of `last`, which holds last bytes of characters of this block; those that
// began in an earlier block are dropped.
[[gnu::always_inline]] inline uint64_t first_bytes(uint64_t last, uint64_t inner) {
  if ((last & inner) == 0) return last;
  uint64_t first = last & ~inner;
  for (uint64_t left = last & inner; left != 0; left &= left - 1) {
    const uint64_t up_to = (left & (0 - left)) - 1;
    const uint64_t leads = ~inner & up_to;
    if (leads != 0) first |= uint64_t{1} << (63 - __builtin_clzll(leads));
  }
  return first;
}

// 1 where a space, or nothing, follows the last character of the block; told rightly only if that is a space.
[[gnu::always_inline]] inline uint64_t next_is_space(const Block& block) {
  const uint8_t next = static_cast<uint8_t>(block.bytes[kBlock]);
  if (__builtin_expect((next >= 0x80 || block.spill != 0) && block.masks.space >> 63 != 0, 0)) {
    return static_cast<uint64_t>(space_at(block.text, block.base + kBlock + block.spill));
  }
  return static_cast<uint64_t>(next == ' ' || (next >= 9 && next <= 13));
}

// Starts of the groups of at most three numbers that a run of numbers is cut into.
class DigitGroups {
 public:
  [[gnu::always_inline]] uint64_t cuts(uint64_t number, const Masks& masks) {
    const uint64_t starts = number & ~(number << 1 | static_cast<uint64_t>(in_group_ != 0));
    if (__builtin_expect((number & masks.high) != 0, 0)) return one_by_one(number, starts, masks.inner);
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

  [[gnu::noinline]] uint64_t one_by_one(uint64_t number, uint64_t starts, uint64_t inner) {
    uint64_t cuts = 0;
    for (uint64_t left = number & ~inner; left != 0; left &= left - 1) {
      const uint64_t here = left & (0 - left);
      if ((here & starts) != 0 || in_group_ == 3) in_group_ = 0;
      if (in_group_ == 0) cuts |= here;
      ++in_group_;
    }
    if (number >> 63 == 0) in_group_ = 0;
    return cuts;
  }

  uint32_t in_group_ = 0;  // numbers in the group that is open at the block's end
};

}  // namespace aurora::pretokenize
