// A tokenizer's tokens as bytes, for constrained decoding: built once for a tokenizer (tens of milliseconds),
// shared by all of its grammars. Immutable, thread-safe; keeps nothing of the tokenizer.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "aurora/constrain/token_trie.h"
#include "aurora/tokenizer/tokenizer.h"

namespace aurora::constrain {

// The bytes that each id adds to a text; empty for special tokens and ids without token. SentencePiece's
// U+2581 is a space, a byte token its byte (which may be part of a character).
std::vector<std::string> token_bytes(const tokenizer::Tokenizer& tokenizer);

class Vocabulary {
 public:
  // end_tokens: what a model says when its answer is complete (end of text, end of turn); Vocabulary::of()
  // takes the tokenizer's end_of_document() when they are empty.
  Vocabulary(const std::vector<std::string>& bytes_by_id, std::vector<int32_t> end_tokens);
  static std::shared_ptr<const Vocabulary> of(const tokenizer::Tokenizer& tokenizer,
                                              std::vector<int32_t> end_tokens = {});

  int32_t size() const { return trie_.size(); }
  const TokenTrie& trie() const { return trie_; }
  const std::vector<int32_t>& end_tokens() const { return end_tokens_; }
  bool is_end(int32_t id) const;
  // A token of this one byte exists. Grammars use only such bytes, so that every text that they begin can be
  // completed.
  bool spells(uint8_t byte) const { return trie_.spells(byte); }

 private:
  TokenTrie trie_;
  std::vector<int32_t> end_tokens_;
};

}  // namespace aurora::constrain
