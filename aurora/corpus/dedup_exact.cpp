#include "aurora/corpus/dedup_exact.h"

#include <string>

#include "aurora/base/utf8.h"
#include "aurora/corpus/characters.h"

namespace aurora::corpus {

Hash128 text_identity(std::string_view text) {
  thread_local std::string normalised;
  normalised.clear();
  for (size_t at = 0; at < text.size();) {
    size_t end = at;
    while (end < text.size() && static_cast<unsigned char>(text[end]) > ' ' &&
           static_cast<signed char>(text[end]) >= 0) {
      ++end;
    }
    normalised.append(text, at, end - at);
    at = end;
    if (at >= text.size()) break;
    const Decoded decoded = decode_utf8(text, at);
    if (!is_space(decoded.code_point)) {
      normalised.append(text, at, decoded.bytes);
    } else if (!normalised.empty() && normalised.back() != ' ') {
      normalised += ' ';
    }
    at += decoded.bytes;
  }
  if (normalised.ends_with(' ')) normalised.pop_back();
  return xxh3_128(normalised);
}

}  // namespace aurora::corpus
