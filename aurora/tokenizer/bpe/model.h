// A byte pair encoding model (Sennrich et al. 2016, arXiv:1508.07909), ready to encode: in a word the pair of
// neighbours of lowest rank merges, the leftmost of several, until none merges.
//
// Byte-level (Spec::byte_level): a word's first symbols are its bytes. Else its characters that are tokens;
// of other characters their kByte tokens where byte_fallback is on and every byte has one; else the unknown
// token, several in a row as one where fuse_unknown is on, and nothing where there is no unknown token: all
// as `tokenizers` does it. With whole_words, a word that is a token is that token, whatever the merges say.
//
// Immutable and thread-safe after construction; encoders (bpe/encoder.h) share it.
#pragma once

#include <memory>
#include <string>

#include "aurora/tokenizer/spec.h"

namespace aurora::tokenizer {

struct BpeTables;  // bpe/tables.h

class BpeModel {
 public:
  // Reads tokens, merges and the flags of the model; added tokens, normalizers and the like are none of its
  // business. Nothing of the Spec is needed afterwards. About 0.1 s for 100,000 tokens; 10 to 30 MB.
  // Error when a merge names no token, with `where` as its place.
  explicit BpeModel(const Spec& spec, const std::string& where = "vocabulary");
  ~BpeModel();
  BpeModel(BpeModel&&) noexcept;
  BpeModel& operator=(BpeModel&&) noexcept;

  const BpeTables& tables() const { return *tables_; }

 private:
  std::unique_ptr<const BpeTables> tables_;
};

}  // namespace aurora::tokenizer
