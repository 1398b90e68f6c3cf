// 's 't 're 've 'm 'll 'd.
#pragma once

#include "aurora/pretokenize/simd_masks.h"

namespace aurora::pretokenize {

// End of the contraction whose apostrophe is at text[at]; 0: none is. In any case if asked, then also with
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

}  // namespace aurora::pretokenize
