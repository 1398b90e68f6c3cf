// gpt2 (r50k, p50k) as arithmetic on masks:
//
//   's|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+
//
// smollm (starcoder2) is the same between digits that stand alone, where a digit ends a text.
#pragma once

#include "aurora/pretokenize/simd_contractions.h"
#include "aurora/pretokenize/simd_spaces.h"
#include "aurora/pretokenize/word_scanner.h"

namespace aurora::pretokenize {

template <bool kDigitsAlone>
class Gpt2Cuts {
 public:
  static constexpr Traits kTraits{make_traits()};
  static uint32_t traits(const unicode::Char& c) {
    if (kDigitsAlone && c.bytes == 4 && is_numeric(c)) return kIsNumber;
    return kTraits.of_class[static_cast<int>(c.kind)];
  }

  [[gnu::always_inline]] uint64_t cuts(const Block& block) {
    const Masks& m = block.masks;
    const uint64_t symbol = ~(m.letter | m.number | m.space);
    const uint64_t after_blank = shift_on(m.blank, blank_);
    const uint64_t symbols = symbol & ~shift_on(symbol, symbol_) & ~after_blank;
    const uint64_t letters = m.letter & ~shift_on(m.letter, letter_) & ~after_blank;
    const uint64_t after_number = shift_on(m.number, number_);
    const uint64_t numbers = kDigitsAlone ? m.number : m.number & ~after_number & ~after_blank;
    const uint64_t spaces = m.space & ~shift_on(m.space, space_);
    // The last space before something else may go with it.
    const uint64_t ends = kDigitsAlone ? m.space | m.number : m.space;
    const uint64_t last = m.space & ~(ends >> 1 | end_follows(block) << 63);
    return contracted(block, symbols | letters | numbers | spaces | first_bytes(last, m.inner),
                      m.apostrophe & symbols);
  }

 private:
  // 1 where nothing that a space could go with follows the last character of the block.
  [[gnu::always_inline]] static uint64_t end_follows(const Block& block) {
    if constexpr (!kDigitsAlone) return space_follows(block);
    if (block.masks.space >> 63 == 0) return 0;
    const size_t at = block.base + kBlock + block.spill.bytes;
    if (at >= block.text.size()) return 1;
    const unicode::Char next = unicode::read(block.text, at);
    return static_cast<uint64_t>(unicode::contains(unicode::kSpaces, next.kind) || is_numeric(next));
  }

  // The cuts with contractions as words.
  [[gnu::always_inline]] uint64_t contracted(const Block& block, uint64_t cuts, uint64_t apostrophes) {
    uint64_t inside = inside_.begin();
    uint64_t behind = behind_.begin();
    for (; apostrophes != 0; apostrophes &= apostrophes - 1) {
      const size_t at = static_cast<size_t>(__builtin_ctzll(apostrophes));
      const size_t end = contraction_end<false>(block.text, block.base + at);
      if (end == 0) continue;
      inside |= inside_.add(at + 1, end - block.base);
      behind |= behind_.add(end - block.base, end - block.base + 1);
    }
    return (cuts & ~inside) | behind;
  }

  // Of the block before: its last bits. As if a letter came before the text.
  uint64_t letter_ = 1;
  uint64_t symbol_ = 0;
  uint64_t number_ = 0;
  uint64_t space_ = 0;
  uint64_t blank_ = 0;
  Reach inside_;  // contractions without their apostrophes
  Reach behind_;  // what follows contractions
};

}  // namespace aurora::pretokenize
