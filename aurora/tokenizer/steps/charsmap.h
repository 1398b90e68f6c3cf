// SentencePiece's precompiled_charsmap: rules "these bytes become those", as a double-array trie (Aoe 1989,
// in the layout of darts-clone) and the texts it points to. The blob: u32 size of the trie in bytes, its u32
// units, then the texts, each ended by a zero byte; little-endian.
#pragma once

#include <bitset>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace aurora::tokenizer {

// Immutable, thread-safe.
class Charsmap {
 public:
  // Error: the blob is cut short; `where` names its source.
  explicit Charsmap(std::string_view blob, const std::string& where);

  struct Rule {
    size_t bytes = 0;         // that are replaced; 0: no rule
    std::string_view result;  // by this; may be empty
  };
  // The rule for the longest (or shortest) beginning of `text` that has one.
  Rule longest(std::string_view text) const { return find(text, false); }
  Rule shortest(std::string_view text) const { return find(text, true); }

  // True when no rule begins with this ASCII byte and either nothing or this other ASCII byte behind it.
  bool passes(uint8_t first, uint8_t second) const { return passes_[first << 7 | second]; }

 private:
  Rule find(std::string_view text, bool first_only) const;

  std::vector<uint32_t> units_;
  std::string results_;
  std::bitset<128 * 128> passes_;
};

}  // namespace aurora::tokenizer
