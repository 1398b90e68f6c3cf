// Lines of JSON to tokens, a block at a time.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "aurora/format/document.h"
#include "aurora/format/token_file.h"
#include "aurora/tokenize/held_out.h"
#include "aurora/tokenize/shard_reader.h"
#include "aurora/tokenizer/encoder.h"

namespace aurora::tokenize {

// What becomes of every line of a run. The tokenizer and the rule must outlive it.
struct EncodeRule {
  const tokenizer::Tokenizer* tokenizer = nullptr;
  bool end_documents = true;  // each with tokenizer->end_of_document()
  // Lines are documents (docs/formats/documents.md), and one that is not is an Error ..
  const HeldOutChoice* held_out = nullptr;
  // .. or, when null, anybody's objects with a text under this key, and others are rejected.
  std::string text_key = "text";

  format::TokenType type() const { return format::token_type_for_vocab(tokenizer->vocab_size()); }
};

struct EncodedDocument {  // as it is stored in units: 24 bytes without gaps
  uint32_t part = 0;      // which corpus and language, in a list beside
  uint32_t id_bytes = 0;
  uint64_t text_bytes = 0;
  uint32_t tokens = 0;           // with the end token
  uint32_t held_out_by_key = 0;  // 0 or 1
};

// Documents in order.
struct EncodedBlock {
  std::vector<std::pair<std::string, std::string>> parts;  // corpus and language
  std::vector<EncodedDocument> documents;
  std::string ids;              // of documents, back to back
  std::vector<int32_t> tokens;  // of all documents
  std::string held_out;         // lines of the documents that are held out by key
  std::vector<InputProblem> rejected;
};

// One per thread: remembers words, those of `words` together with others of the same tokenizer.
class BlockEncoder {
 public:
  BlockEncoder(const EncodeRule& rule, std::shared_ptr<tokenizer::SharedWords> words);
  // Error: a line that is no document, where lines must be.
  EncodedBlock encode(const Block& block);

 private:
  void add_document(EncodedBlock& out, const format::DocumentView& document);
  void add_problem(EncodedBlock& out, InputProblem problem) const;
  uint32_t part_of(EncodedBlock& out, const format::DocumentView& document) const;

  const EncodeRule& rule_;
  int32_t end_;  // -1: none
  tokenizer::Encoder encoder_;
  format::DocumentParser parser_;
};

}  // namespace aurora::tokenize
