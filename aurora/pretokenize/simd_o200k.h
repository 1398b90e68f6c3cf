// o200k and tekken as arithmetic on masks:
//
//   [^\r\n\p{L}\p{N}]?X*Y+(?i:'s|'t|'re|'ve|'m|'ll|'d)?|[^\r\n\p{L}\p{N}]?X+Y*(?i:'s|'t|'re|'ve|'m|'ll|'d)?|
//   \p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+
//
// X is [\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}], Y is [\p{Ll}\p{Lm}\p{Lo}\p{M}]. tekken has \p{N} and no contractions.
#pragma once

#include "aurora/pretokenize/simd_contractions.h"
#include "aurora/pretokenize/simd_digits.h"
#include "aurora/pretokenize/simd_spaces.h"

namespace aurora::pretokenize {

struct O200kRules {
  bool contractions = false;
  bool digits_in_threes = false;
};

// Whether uppercase letters from text[at] on, if any, are followed by a letter or mark of another kind.
[[gnu::noinline]] inline bool other_letter_follows(std::string_view text, size_t at) {
  constexpr unicode::ClassSet kUpper = unicode::set_of(unicode::Class::kUpper, unicode::Class::kTitle);
  while (at < text.size()) {
    const unicode::Char here = unicode::read(text, at);
    if (!unicode::contains(kUpper, here.kind)) {
      return unicode::contains(unicode::kLetters | unicode::kMarks, here.kind);
    }
    at += here.bytes;
  }
  return false;
}

template <O200kRules kRules>
class O200kCuts {
 public:
  static constexpr Traits kTraits{make_traits()};
  static uint32_t traits(const unicode::Char& c) { return kTraits.of_class[static_cast<int>(c.kind)]; }

  [[gnu::always_inline]] uint64_t cuts(const Block& block) {
    const Masks& m = block.masks;
    const Before before{shift_on(m.space, space_), shift_on(m.newline, newline_)};
    const uint64_t after_blank = shift_on(m.blank, blank_);
    uint64_t symbol = ~(m.letter | m.mark | m.number | m.space);
    if (__builtin_expect((m.mark & (symbol << 1 | symbol_)) != 0, 0)) {
      symbol |= marks_among_symbols({symbol, m.mark, m.newline, m.slash, m.inner, after_blank, symbol_,
                                     spaces_.attached(), behind_first_});
    }
    uint64_t letter = (m.letter | m.mark) & ~symbol;
    if constexpr (kRules.contractions) {
      const uint64_t contractions = contraction_bytes(block, m.apostrophe & symbol & (letter << 1 | letter_));
      letter &= ~contractions;
      symbol &= ~contractions;
    }
    // [\r\n/]* behind symbols, which a line end must begin.
    const uint64_t attached =
        run_from(m.newline | m.slash, m.newline & (symbol << 1 | symbol_), spaces_.attached());
    symbol &= ~attached;
    const uint64_t symbols = symbol & ~shift_on(symbol, symbol_) & ~after_blank;
    const uint64_t joined = behind_first(symbols, m.inner, behind_first_) | (before.space & ~before.newline);
    const uint64_t letters = letter & ~shift_on(letter, letter_) & ~joined;
    return symbols | letters | inside_letters(block, letter) | number_cuts(m) |
           spaces_.cuts(block, attached, before, before_space(block));
  }

 private:
  [[gnu::always_inline]] uint64_t number_cuts(const Masks& m) {
    if constexpr (!kRules.digits_in_threes) return m.number;
    return groups_.cuts(m.number, m);
  }

  // What decides on marks; the last three of the block before.
  struct MarksBehindSymbols {
    uint64_t symbol = 0;
    uint64_t mark = 0;
    uint64_t newline = 0;
    uint64_t slash = 0;
    uint64_t inner = 0;
    uint64_t after_blank = 0;
    uint64_t symbol_before = 0;
    uint64_t attached_before = 0;
    uint64_t behind_first_before = 0;
  };

  // Marks behind a symbol are letters if it is alone and so stands before them in their word; else they are
  // among the symbols, and so is what follows. Found from left to right. (Static, so that the object can live
  // in registers.)
  [[gnu::noinline]] static uint64_t marks_among_symbols(const MarksBehindSymbols s) {
    uint64_t symbol = s.symbol;
    while (true) {
      const uint64_t after_symbol = symbol << 1 | s.symbol_before;
      const uint64_t free =
          symbol & ~run_from(s.newline | s.slash, s.newline & after_symbol, s.attached_before);
      const uint64_t after_free = free << 1 | s.symbol_before;
      uint64_t carry = s.behind_first_before;
      const uint64_t alone = behind_first(free & ~after_free & ~s.after_blank, s.inner, carry);
      const uint64_t among = s.mark & ~symbol & after_free & ~alone;
      if (among == 0) return symbol & ~s.symbol;
      symbol |= run_from(s.mark, among & (0 - among), 0);
    }
  }

  // The bytes of contractions that end words of letters.
  [[gnu::always_inline]] uint64_t contraction_bytes(const Block& block, uint64_t apostrophes) {
    uint64_t bytes = contractions_.begin();
    for (; apostrophes != 0; apostrophes &= apostrophes - 1) {
      const size_t at = static_cast<size_t>(__builtin_ctzll(apostrophes));
      if ((bytes >> at & 1) != 0 || block.base + at == last_end_) continue;
      const size_t end = contraction_end<true>(block.text, block.base + at);
      if (end == 0) continue;
      last_end_ = end;
      bytes |= contractions_.add(at, end - block.base);
    }
    return bytes;
  }

  // Words begin inside letters where an uppercase one follows a lowercase one, others (C) between them or
  // not; and where it follows C without such, if after all the uppercase ones comes no letter: X* then gives
  // back all up to the last C, for Y+.
  [[gnu::always_inline]] uint64_t inside_letters(const Block& block, uint64_t letter) {
    const Masks& m = block.masks;
    const uint64_t upper = m.upper & letter;
    const uint64_t lower = m.lower & letter;
    const uint64_t both = letter & ~upper & ~lower;
    const uint64_t after_lower = lower << 1 | low_;
    const uint64_t low = lower | run_from(both, both & after_lower, 0);
    const uint64_t after_both = shift_on(both, both_);
    const uint64_t after_low = shift_on(low, low_);
    uint64_t doubtful = upper & after_both & ~after_low;
    if (__builtin_expect(doubtful != 0, 0)) {
      doubtful = drop_ending_at(doubtful, upper, lower | both, [&] {
        return other_letter_follows(block.text, block.base + kBlock + block.spill.bytes);
      });
    }
    return (upper & after_low) | doubtful;
  }

  // Of the block before: its last bits. As if a letter without case came before the text.
  uint64_t letter_ = 0;
  uint64_t symbol_ = 0;
  uint64_t space_ = 0;
  uint64_t newline_ = 0;
  uint64_t blank_ = 0;
  uint64_t both_ = 0;
  uint64_t low_ = 0;
  uint64_t behind_first_ = 0;
  size_t last_end_ = ~size_t{0};  // of the last contraction
  Reach contractions_;
  DigitGroups groups_;
  SpaceCuts<false> spaces_;
};

}  // namespace aurora::pretokenize
