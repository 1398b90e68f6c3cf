// Pre-tokenization: text is cut into words before the model sees it, and no token crosses a cut. A scheme is
// one pattern of the field with a scanner made by hand for it; no regex engine runs. Adding a scheme is one
// descriptor in schemes.cpp and one scanner.
//
// Classes of characters are Unicode's (aurora/unicode says which version). A byte that is not part of valid
// UTF-8 counts as one character that is neither letter, mark, number nor space.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace aurora::pretokenize {

// Writes the ends of the words behind text[at], which must be a cut, in ascending order, until `ends` is full
// or the text is over; returns how many. Words tile the text: no byte is left out. The words depend on
// text[at..] only. at < text.size() <= 0xffffffff.
using CutFunction = size_t (*)(std::string_view text, size_t at, std::span<uint32_t> ends);

struct Scheme {
  const char* name;  // "cl100k"
  std::vector<std::string_view>
      regexes;                // its pattern as files write it; further spellings that mean the same
  CutFunction cut;            // the fastest for this processor
  CutFunction cut_reference;  // character by character: what `cut` is held against
  // Not empty: the scheme has no regex, it is these schemes, each inside the words of the one before, fused
  // into one pass ("deepseek-v3": "numbers-3", "deepseek-v3-cjk", "deepseek-v3-words").
  std::vector<std::string_view> steps;
};

std::span<const Scheme> schemes();
// Also by its other names (r50k and p50k are gpt2). nullptr: none.
const Scheme* find_scheme(std::string_view name);
// By a regex as tokenizer.json has it, so in Oniguruma's reading; \r and \n may stand there as themselves.
// nullptr: no scheme has this spelling.
const Scheme* scheme_of_regex(std::string_view regex);

}  // namespace aurora::pretokenize
