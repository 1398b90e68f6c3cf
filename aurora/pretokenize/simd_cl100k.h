// cl100k and its relatives, as arithmetic on masks:
//
//   (?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|
//   \s*[\r\n]+|\s+(?!\S)|\s+
//
// llama3 is the same, qwen2 has \p{N}. Below, S is a space, L a letter, N a number, O any other character.
#pragma once

#include "aurora/pretokenize/simd_runs.h"

namespace aurora::pretokenize {

enum class Digits : uint8_t { kOneByOne, kThrees };

template <Digits kDigits>
class Cl100kCuts {
 public:
  static constexpr Traits kTraits = traits_of_classes();

  [[gnu::always_inline]] uint64_t cuts(const Block& block) {
    const Masks& m = block.masks;
    const uint64_t other = ~(m.letter | m.number | m.space);
    const uint64_t after_other = shift_on(other, other_carry_);
    const uint64_t after_newline = shift_on(m.newline, newline_carry_);
    const uint64_t after_space = shift_on(m.space, space_carry_);
    const uint64_t after_blank = shift_on(m.blank, blank_carry_);

    // A run of O starts a word, or is in the word of the blank before it.
    const uint64_t other_starts = other & ~after_other & ~after_blank;
    // One O before letters, or one S that is no line end, is in their word.
    const uint64_t after_one_other =
        add(other_starts | m.inner, other_starts, one_other_carry_) & ~(other_starts | m.inner);
    const uint64_t after_letter = shift_on(m.letter, letter_carry_);
    const uint64_t letter_starts =
        m.letter & ~after_letter & ~after_one_other & ~(after_space & ~after_newline);

    return other_starts | letter_starts | number_cuts(m) |
           space_cuts(block, after_other, after_newline, after_space) |
           contraction_cuts(block, m.apostrophe & other_starts);
  }

 private:
  [[gnu::always_inline]] uint64_t number_cuts(const Masks& m) {
    if constexpr (kDigits == Digits::kOneByOne) return m.number;
    return groups_.cuts(m.number, m);
  }

  [[gnu::always_inline]] uint64_t space_cuts(const Block& block, uint64_t after_other, uint64_t after_newline,
                                             uint64_t after_space) {
    const Masks& m = block.masks;
    // Line ends right behind O are in its word.
    uint64_t carry = attached_carry_;
    const uint64_t attached = m.newline & ~add(m.newline, m.newline & after_other, carry);
    const uint64_t after_attached = shift_on(attached, attached_carry_);
    const uint64_t gap = m.space & ~m.newline;  // S that is no line end
    const uint64_t gap_starts = gap & after_newline;
    uint64_t cuts = (m.space & ~after_space & ~attached) | (gap_starts & after_attached);
    const uint64_t undecided = gap_starts & ~after_attached;
    if (undecided != 0) cuts |= line_starts(block, gap, undecided);
    // The last S before something else may go with it.
    const uint64_t last = gap & ~(m.space >> 1 | next_is_space(block) << 63);
    return cuts | first_bytes(last, m.inner);
  }

  // Of runs of S behind a line end, the starts of those that do not end at a line end: \s*[\r\n]+ takes
  // these.
  [[gnu::always_inline]] static uint64_t line_starts(const Block& block, uint64_t gap, uint64_t starts) {
    uint64_t sum = 0;
    const bool goes_on = __builtin_add_overflow(gap, starts, &sum);
    uint64_t bad_ends = sum & ~gap & block.masks.newline;
    if (goes_on && line_end_follows(block.text, block.base + kBlock + block.spill)) {
      starts &= ~(uint64_t{1} << (63 - __builtin_clzll(starts)));
    }
    for (; bad_ends != 0; bad_ends &= bad_ends - 1) {
      const uint64_t below = starts & ((bad_ends & (0 - bad_ends)) - 1);
      starts &= ~(uint64_t{1} << (63 - __builtin_clzll(below)));
    }
    return starts;
  }

  [[gnu::always_inline]] uint64_t contraction_cuts(const Block& block, uint64_t apostrophes) {
    uint64_t cuts = forced_;
    forced_ = 0;
    for (; apostrophes != 0; apostrophes &= apostrophes - 1) {
      const size_t at = static_cast<size_t>(__builtin_ctzll(apostrophes));
      const size_t end = contraction_end<true>(block.text, block.base + at);
      if (end == 0) continue;
      const size_t bit = end - block.base;
      if (bit < kBlock)
        cuts |= uint64_t{1} << bit;
      else
        forced_ |= uint64_t{1} << (bit - kBlock);
    }
    return cuts;
  }

  // As if a letter came before the text: whatever starts there starts a word.
  uint64_t letter_carry_ = 1;
  uint64_t other_carry_ = 0;
  uint64_t newline_carry_ = 0;
  uint64_t space_carry_ = 0;
  uint64_t blank_carry_ = 0;
  uint64_t one_other_carry_ = 0;
  uint64_t attached_carry_ = 0;
  uint64_t forced_ = 0;  // cuts in the next block
  DigitGroups groups_;
};

}  // namespace aurora::pretokenize
