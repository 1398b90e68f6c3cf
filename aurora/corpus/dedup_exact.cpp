#include "aurora/corpus/dedup_exact.h"

#include <cstring>
#include <string>

#include "aurora/corpus/characters.h"

namespace aurora::corpus {

Hash128 text_identity(std::string_view text) {
  thread_local std::string normalised;
  normalised.resize(text.size() + 1);
  char* const out = normalised.data();
  size_t size = 0;
  bool after_space = true;
  for (size_t at = 0; at < text.size();) {
    const auto byte = static_cast<unsigned char>(text[at]);
    if (byte < 0x80) {
      // Without a branch: a space behind a space is written and then overwritten.
      const bool space = byte == ' ' || (byte >= '\t' && byte <= '\r');
      out[size] = space ? ' ' : text[at];
      size += !(space && after_space);
      after_space = space;
      ++at;
      continue;
    }
    const Character character = character_at(text.data() + at);
    const bool space = is_space(character.code);
    if (!space) {
      std::memcpy(out + size, text.data() + at, character.bytes);
      size += character.bytes;
    } else if (!after_space) {
      out[size++] = ' ';
    }
    after_space = space;
    at += character.bytes;
  }
  if (size > 0 && after_space) --size;
  return xxh3_128(std::string_view(out, size));
}

}  // namespace aurora::corpus
