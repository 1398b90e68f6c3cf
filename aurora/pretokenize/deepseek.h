// DeepSeek's sequences of patterns, each fused into one pass. The sets are those that the files list range by
// range: deepseek-llm's letters are \p{Lu}\p{Ll}\p{Lt} of an older Unicode without some scripts.
#pragma once

#include <algorithm>
#include <iterator>

#include "aurora/pretokenize/word_scanner.h"

namespace aurora::pretokenize {

// [一-龥ࠀ-一가-퟿]
constexpr bool is_deepseek_cjk(uint32_t c) {
  return (c >= 0x800 && c <= 0x9fa5) || (c >= 0xac00 && c <= 0xd7ff);
}

// The ranges of deepseek-llm's [A-Za-zµÀ-ÖØ-ö...].
struct CodePointRange {
  uint32_t first;
  uint32_t last;
};
constexpr CodePointRange kDeepseekLlmLetters[] = {
    {0x41, 0x5a},       {0x61, 0x7a},       {0xb5, 0xb5},       {0xc0, 0xd6},       {0xd8, 0xf6},
    {0xf8, 0x1ba},      {0x1bc, 0x1bf},     {0x1c4, 0x293},     {0x295, 0x2af},     {0x370, 0x373},
    {0x376, 0x377},     {0x37b, 0x37d},     {0x37f, 0x37f},     {0x386, 0x386},     {0x388, 0x38a},
    {0x38c, 0x38c},     {0x38e, 0x3a1},     {0x3a3, 0x3f5},     {0x3f7, 0x481},     {0x48a, 0x52f},
    {0x531, 0x556},     {0x10a0, 0x10c5},   {0x13a0, 0x13f5},   {0x13f8, 0x13fd},   {0x1c90, 0x1cba},
    {0x1cbd, 0x1cbf},   {0x1d00, 0x1d2b},   {0x1d6b, 0x1d77},   {0x1d79, 0x1d9a},   {0x1e00, 0x1f15},
    {0x1f18, 0x1f1d},   {0x1f20, 0x1f45},   {0x1f48, 0x1f4d},   {0x1f50, 0x1f57},   {0x1f59, 0x1f59},
    {0x1f5b, 0x1f5b},   {0x1f5d, 0x1f5d},   {0x1f5f, 0x1f7d},   {0x1f80, 0x1fb4},   {0x1fb6, 0x1fbc},
    {0x1fbe, 0x1fbe},   {0x1fc2, 0x1fc4},   {0x1fc6, 0x1fcc},   {0x1fd0, 0x1fd3},   {0x1fd6, 0x1fdb},
    {0x1fe0, 0x1fec},   {0x1ff2, 0x1ff4},   {0x1ff6, 0x1ffc},   {0x2102, 0x2102},   {0x2107, 0x2107},
    {0x210a, 0x2113},   {0x2115, 0x2115},   {0x2119, 0x211d},   {0x2124, 0x2124},   {0x2126, 0x2126},
    {0x2128, 0x2128},   {0x212a, 0x212d},   {0x212f, 0x2134},   {0x2139, 0x2139},   {0x213c, 0x213f},
    {0x2145, 0x2149},   {0x214e, 0x214e},   {0x2183, 0x2184},   {0x2c00, 0x2c7b},   {0x2c7e, 0x2ce4},
    {0x2ceb, 0x2cee},   {0x2cf2, 0x2cf3},   {0xa640, 0xa66d},   {0xa680, 0xa69b},   {0xa722, 0xa76f},
    {0xa771, 0xa787},   {0xa78b, 0xa78e},   {0xab70, 0xabbf},   {0xfb00, 0xfb06},   {0xfb13, 0xfb17},
    {0xff21, 0xff3a},   {0xff41, 0xff5a},   {0x10400, 0x1044f}, {0x104b0, 0x104d3}, {0x104d8, 0x104fb},
    {0x10c80, 0x10cb2}, {0x10cc0, 0x10cf2}, {0x118a0, 0x118df}, {0x1e900, 0x1e943},
};
inline bool is_deepseek_llm_letter(uint32_t c) {
  if (c < 0x80) return is_ascii_letter(c);
  const CodePointRange* range =
      std::lower_bound(std::begin(kDeepseekLlmLetters), std::end(kDeepseekLlmLetters), c,
                       [](const CodePointRange& one, uint32_t point) { return one.last < point; });
  return range != std::end(kDeepseekLlmLetters) && range->first <= c;
}

// [!-/:-~！-／：-～‘-‟　-。]
constexpr bool is_deepseek_llm_symbol(uint32_t c) {
  return (c >= '!' && c <= '/') || (c >= ':' && c <= '~') || (c >= 0xff01 && c <= 0xff0f) ||
         (c >= 0xff1a && c <= 0xff5e) || (c >= 0x2018 && c <= 0x201f) || (c >= 0x3000 && c <= 0x3002);
}

// What deepseek-coder and deepseek-llm do not share.
struct DeepseekCoder {
  static bool letter(const Char& c) { return contains(unicode::kLetters, c.kind); }
  static bool symbol(const Char& c) { return c.kind == Class::kPunctuation; }
  static constexpr bool kSymbolsAreLetters = false;
  static constexpr bool kCutsTrailingSpace = false;
};
struct DeepseekLlm {
  static bool letter(const Char& c) { return is_deepseek_llm_letter(c.code_point); }
  static bool symbol(const Char& c) { return is_deepseek_llm_symbol(c.code_point); }
  static constexpr bool kSymbolsAreLetters = true;  // :-~ has a-z: "café" is "caf", "é"
  static constexpr bool kCutsTrailingSpace = true;
};

// [\r\n], then \s?letters+, then \s?symbols+, then (kCutsTrailingSpace) \s+$, then is_deepseek_cjk+, then
// digits one by one, each inside the pieces of those before. So the text is cut into regions (of letters, of
// symbols, the rest), and a word is a stretch of a region that is all Chinese, Japanese, Korean or all not.
template <class Policy>
class DeepseekScanner {
 public:
  explicit DeepseekScanner(std::string_view text) : text_(text) {}

  size_t word(size_t at) const {
    const Char here = peek(at);
    size_t end = at + here.bytes;
    if (here.kind == Class::kLineEnd || is_numeric(here)) return end;
    const Region region = region_at(at, here);
    const bool cuts_symbols = Policy::kSymbolsAreLetters && region == Region::kLetters;
    const bool symbols = symbol(here) || (is_space(here) && symbol(peek(end)));
    const bool cuts_space = Policy::kCutsTrailingSpace && region != Region::kLetters;
    const bool in_trailing_space = cuts_space && is_space(here) && trailing_space(region, at);
    for (Char next = peek(end); next.kind != kEnd; next = peek(end)) {
      if (is_deepseek_cjk(next.code_point) != is_deepseek_cjk(here.code_point)) break;
      if (cuts_symbols && symbol(next) != symbols) break;
      if (is_numeric(next) || !goes_on(region, end, next)) break;
      if (cuts_space && !in_trailing_space && is_space(next) && trailing_space(region, end)) break;
      end += next.bytes;
    }
    return end;
  }

 private:
  enum class Region { kLetters, kSymbols, kRest };

  Char peek(size_t at) const { return at < text_.size() ? unicode::read(text_, at) : Char{0, kEnd, 0}; }
  static bool is_space(const Char& c) { return contains(unicode::kSpaces, c.kind); }
  static bool letter(const Char& c) { return c.kind != kEnd && Policy::letter(c); }
  static bool symbol(const Char& c) { return c.kind != kEnd && Policy::symbol(c); }

  Region region_at(size_t at, const Char& here) const {
    if (letter(here)) return Region::kLetters;
    const bool space = is_space(here);
    const Char next = space ? peek(at + here.bytes) : Char{0, kEnd, 0};
    if (letter(next)) return Region::kLetters;
    if (symbol(here)) return Region::kSymbols;
    // A symbol that is a space (U+3000) may go with the letters behind it.
    const bool joins =
        space && symbol(next) && !(is_space(next) && letter(peek(at + here.bytes + next.bytes)));
    return joins ? Region::kSymbols : Region::kRest;
  }

  // Whether the region has the character `next` at `at`, which is not its first.
  bool goes_on(Region region, size_t at, const Char& next) const {
    if (region == Region::kLetters) return letter(next);
    if (next.kind == Class::kLineEnd) return false;
    return region == Region::kSymbols ? symbol(next) && region_at(at, next) != Region::kLetters
                                      : region_at(at, next) == Region::kRest;
  }

  // Whether the white space that begins at `at` lasts up to the end of the region.
  bool trailing_space(Region region, size_t at) const {
    if (at < no_trailing_space_before_) return false;
    Char next = peek(at);
    do {
      at += next.bytes;
      next = peek(at);
      if (next.kind == kEnd || !goes_on(region, at, next)) return true;
    } while (is_space(next));
    no_trailing_space_before_ = at;
    return false;
  }

  std::string_view text_;
  mutable size_t no_trailing_space_before_ = 0;  // so that long white space is looked through once
};

}  // namespace aurora::pretokenize
