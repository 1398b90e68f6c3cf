// cl100k and its relatives, as arithmetic on masks:
//
//   (?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|
//   \s*[\r\n]+|\s+(?!\S)|\s+
#pragma once

#include "aurora/pretokenize/simd_contractions.h"
#include "aurora/pretokenize/simd_digits.h"
#include "aurora/pretokenize/simd_spaces.h"

namespace aurora::pretokenize {

// How the relatives differ.
struct Cl100kRules {
  bool digits_in_threes = false;
  bool trailing_space_is_one = false;
  bool marks_are_letters = false;
};

template <Cl100kRules kRules>
class Cl100kCuts {
 public:
  static constexpr Traits kTraits{make_traits(kRules.marks_are_letters)};
  static uint32_t traits(const unicode::Char& c) { return kTraits.of_class[static_cast<int>(c.kind)]; }

  [[gnu::always_inline]] uint64_t cuts(const Block& block) {
    const Masks& m = block.masks;
    const Before before{shift_on(m.space, space_), shift_on(m.newline, newline_)};
    const uint64_t symbol = ~(m.letter | m.number | m.space);
    const uint64_t after_symbol = shift_on(symbol, symbol_);
    // A run of symbols starts a word, or is in the word of the blank before it.
    const uint64_t symbols = symbol & ~after_symbol & ~shift_on(m.blank, blank_);
    // Letters are in the word of one symbol, or one space that is no line end, before them.
    const uint64_t joined = behind_first(symbols, m.inner, behind_first_) | (before.space & ~before.newline);
    const uint64_t letters = m.letter & ~shift_on(m.letter, letter_) & ~joined;
    const uint64_t attached = run_from(m.newline, m.newline & after_symbol, spaces_.attached());
    return symbols | letters | number_cuts(m) | spaces_.cuts(block, attached, before, before_space(block)) |
           behind_contractions(block, m.apostrophe & symbols);
  }

 private:
  [[gnu::always_inline]] uint64_t number_cuts(const Masks& m) {
    if constexpr (!kRules.digits_in_threes) return m.number;
    return groups_.cuts(m.number, m);
  }

  [[gnu::always_inline]] uint64_t behind_contractions(const Block& block, uint64_t apostrophes) {
    uint64_t cuts = behind_contraction_.begin();
    for (; apostrophes != 0; apostrophes &= apostrophes - 1) {
      const size_t at = block.base + static_cast<size_t>(__builtin_ctzll(apostrophes));
      const size_t end = contraction_end<true>(block.text, at);
      if (end != 0) cuts |= behind_contraction_.add(end - block.base, end - block.base + 1);
    }
    return cuts;
  }

  // Of the block before: its last bits. As if a letter came before the text: what starts there starts a word.
  uint64_t letter_ = 1;
  uint64_t symbol_ = 0;
  uint64_t space_ = 0;
  uint64_t newline_ = 0;
  uint64_t blank_ = 0;
  uint64_t behind_first_ = 0;
  Reach behind_contraction_;
  DigitGroups groups_;
  SpaceCuts<kRules.trailing_space_is_one> spaces_;
};

}  // namespace aurora::pretokenize
