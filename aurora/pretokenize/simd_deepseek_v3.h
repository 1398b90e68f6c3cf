// deepseek-v3 as arithmetic on masks: numbers in groups of three, Chinese and Japanese (一-龥, ぀-ヿ),
// and in what is left, as in the Chinese and Japanese,
//
//   [!-/:-@[-`{-~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+| ?[\p{P}\p{S}]+[\r\n]*|\s*[\r\n]+|
//   \s+(?!\S)|\s+
//
// where the text begins and ends with each stretch.
#pragma once

#include "aurora/pretokenize/simd_digits.h"
#include "aurora/pretokenize/simd_spaces.h"
#include "aurora/pretokenize/word_scanner.h"

namespace aurora::pretokenize {

class DeepseekV3Cuts {
 public:
  static constexpr Traits kTraits{make_traits(true), true};
  static uint32_t traits(const unicode::Char& c) {
    const uint32_t traits = kTraits.of_class[static_cast<int>(c.kind)];
    return is_deepseek_v3_cjk(c.code_point) ? traits | kIsCjk : traits;
  }

  [[gnu::always_inline]] uint64_t cuts(const Block& block) {
    const Masks& m = block.masks;
    const uint64_t edges = m.cjk ^ shift_on(m.cjk, cjk_);
    const Before before{shift_on(m.space, space_), shift_on(m.newline, newline_)};
    const uint64_t rest = ~(m.letter | m.symbol | m.number | m.space);
    const uint64_t after_rest = shift_on(rest, rest_);
    const uint64_t after_symbol = shift_on(m.symbol, symbol_) & ~edges;
    const uint64_t symbols = m.symbol & ~after_symbol & ~(shift_on(m.blank, blank_) & ~edges);

    // One ASCII symbol joins ASCII letters, and then they are a word without the other letters behind them.
    const uint64_t ascii = m.letter & ~m.high;
    const uint64_t joined_ascii = shift_on(symbols & ~m.high, ascii_symbol_) & ascii;
    const uint64_t in_ascii = run_from(ascii, joined_ascii, in_ascii_);
    const uint64_t after_ascii = shift_on(in_ascii, in_ascii_) & ~in_ascii;
    const uint64_t joined = ((before.space & ~before.newline) | after_rest) & ~edges;
    const uint64_t letters =
        m.letter & (after_ascii | ~shift_on(m.letter, letter_)) & ~joined & ~joined_ascii;

    const uint64_t attached = run_from(m.newline, m.newline & after_symbol, spaces_.attached());
    const uint64_t alone = m.space | m.number | m.cjk;
    return edges | symbols | letters | groups_.cuts(m.number, m) | rest_cuts(block, rest, after_rest, edges) |
           spaces_.cuts(block, attached, before, alone >> 1 | alone_follows(block) << 63);
  }

 private:
  // What the pattern does not know is a word up to where it knows more: at its last character, if letters
  // follow.
  [[gnu::always_inline]] static uint64_t rest_cuts(const Block& block, uint64_t rest, uint64_t after_rest,
                                                   uint64_t edges) {
    if (__builtin_expect(rest == 0, 1)) return 0;
    const Masks& m = block.masks;
    uint64_t last = rest & (m.letter & ~edges) >> 1;
    const size_t behind = block.base + kBlock + block.spill.bytes;
    if (rest >> 63 != 0 && letter_at(block.text, behind, m.cjk >> 63 != 0)) last |= uint64_t{1} << 63;
    return (rest & ~after_rest) | first_bytes(last, m.inner);
  }

  // Whether at text[at] is a letter that is Chinese or Japanese, or one that is not.
  [[gnu::noinline]] static bool letter_at(std::string_view text, size_t at, bool cjk) {
    if (at >= text.size()) return false;
    const uint32_t here = traits(unicode::read(text, at));
    return (here & kIsLetter) != 0 && ((here & kIsCjk) != 0) == cjk;
  }

  // 1 where nothing that a space could go with follows the last character of the block, a space.
  [[gnu::always_inline]] static uint64_t alone_follows(const Block& block) {
    if (block.masks.space >> 63 == 0) return 0;
    const size_t at = block.base + kBlock + block.spill.bytes;
    if (at >= block.text.size()) return 1;
    const uint32_t next = traits(unicode::read(block.text, at));
    return static_cast<uint64_t>((next & (kIsSpace | kIsNumber | kIsCjk)) != 0);
  }

  // Of the block before: its last bits. As if a letter came before the text.
  uint64_t letter_ = 1;
  uint64_t symbol_ = 0;
  uint64_t space_ = 0;
  uint64_t newline_ = 0;
  uint64_t blank_ = 0;
  uint64_t cjk_ = 0;
  uint64_t rest_ = 0;
  uint64_t ascii_symbol_ = 0;
  uint64_t in_ascii_ = 0;
  DigitGroups groups_;
  SpaceCuts<false> spaces_;
};

}  // namespace aurora::pretokenize
