// Finding a Spec's added tokens in a text, as Hugging Face `tokenizers` does: those with normalized = false
// in the source, then, between them, those with normalized = true (in their own normalized form) in the
// normalized text. Leftmost first, of those that begin alike the longest, none inside another. A token that a
// policy passes over still takes its place: nothing is looked for inside it.
//
// Text without a token costs about one memchr for each byte that tokens begin with.
#pragma once

#include <bitset>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "aurora/tokenizer/spec.h"
#include "aurora/tokenizer/steps/normalize.h"
#include "aurora/tokenizer/unigram/piece_trie.h"

namespace aurora::tokenizer {

// What becomes of special tokens in a text. kText: they are text like any other. kParse: they are found (for
// prompts that a program builds; never for documents or what a user typed). kRefuse: one that stands there is
// an Error. Added tokens that are not special are found in any case.
enum class Specials { kText, kParse, kRefuse };

// A policy, worked out for each added token of a Spec.
struct AddedPolicy {
  enum class Action : uint8_t { kTake, kPass, kRefuse };
  std::vector<Action> actions;  // as Spec::added
  bool in_source = false;       // is there anything to look for in the first pass?
  bool in_normalized = false;   // ... in the second?
};

// A part of a text: an added token, or text between two (index -1).
struct Section {
  size_t begin = 0;
  size_t end = 0;
  int32_t index = -1;  // in Spec::added
};

// Immutable, thread-safe.
class AddedTokens {
 public:
  AddedTokens(const Spec& spec, const TextNormalizer& normalizer);

  // Special tokens whose text is in `allowed` are taken whatever `specials` says.
  AddedPolicy policy(Specials specials, const std::vector<std::string>& allowed = {}) const;

  // Appends the sections that `text` falls into; empty ones are left out. Error: a token that is refused.
  void split_source(std::string_view text, const AddedPolicy& policy, std::vector<Section>& out) const;
  void split_normalized(std::string_view text, const AddedPolicy& policy, std::vector<Section>& out) const;

  const AddedToken& token(int32_t index) const { return tokens_[static_cast<size_t>(index)]; }
  // The token's text as it stands in a normalized text.
  const std::string& normalized_text(int32_t index) const { return texts_[static_cast<size_t>(index)]; }

 private:
  class ByteSearch;
  struct Finder {  // of one pass
    PieceTrie trie;
    std::string first_bytes;       // each once
    std::bitset<65536> first_two;  // first byte << 8 | second, of tokens of two bytes and more
    std::bitset<256> one_byte;     // tokens of one byte
  };
  static void add(Finder& finder, std::string_view text);
  void split(const Finder& finder, std::string_view text, const AddedPolicy& policy,
             std::vector<Section>& out) const;

  std::vector<AddedToken> tokens_;
  std::vector<std::string> texts_;  // what is looked for
  Finder source_;
  Finder normalized_;
};

}  // namespace aurora::tokenizer
