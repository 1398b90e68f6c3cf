#include "aurora/pretokenize/pretokenize.h"

#include "aurora/pretokenize/rules.h"

namespace aurora::pretokenize {

const char* const kPretokenPattern =
    "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|"
    "\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";

size_t next_word(std::string_view text, size_t at) {
  return WordScanner<kQwen2>(text).word(at);
}

}  // namespace aurora::pretokenize
