// Pre-tokenization: text is cut into words before BPE, and no merge crosses a cut. The pattern is GPT-4's
// (cl100k) with digits one by one, as Qwen2 has it:
//
//   (?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}|
//   ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+
//
// Classes are Unicode 15.0's. A byte that is not part of valid UTF-8 counts as one character that is neither
// letter, number nor space.
#pragma once

#include <cstddef>
#include <string_view>

namespace aurora::pretokenize {

extern const char* const kPretokenPattern;

// End of the word that begins at text[at]; at < text.size(). Words tile the text: no byte is left out.
size_t next_word(std::string_view text, size_t at);

}  // namespace aurora::pretokenize
