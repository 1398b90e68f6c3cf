// The tokenize stage: a folder of documents becomes a folder of token files (docs/formats/tokens.md).
//
//   CORPUS.bin/.idx                      training documents, each ended by the end token
//   CORPUS.documents.tsv.zst             one line per document of that file: id, language, text bytes, tokens
//   CORPUS.heldout.bin/.idx, CORPUS.heldout.documents.tsv.zst    the same for held-out documents
//   heldout-00000.jsonl.zst              the held-out documents themselves (DocumentReader, "heldout")
//   tokenizer.json                       a copy of the tokenizer that made them
//
// The text is read once: shards of documents become units (tokens, tables) in a working folder, each
// committed as it is whole; when all are there they are joined. The bytes are a pure function of documents,
// tokenizer and rule: not of ranks, threads, cuts or crashes. The caller writes the manifest.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "aurora/base/log.h"
#include "aurora/base/threads.h"
#include "aurora/comm/group.h"
#include "aurora/format/manifest.h"
#include "aurora/tokenize/held_out.h"
#include "aurora/tokenize/shards.h"
#include "aurora/tokenizer/tokenizer.h"

namespace aurora::tokenize {

struct TokenCounts {
  uint64_t documents = 0;
  uint64_t bytes = 0;   // of text
  uint64_t tokens = 0;  // with end tokens
  void add(const TokenCounts& other);
  double bytes_per_token() const {
    return tokens ? static_cast<double>(bytes) / static_cast<double>(tokens) : 0;
  }
};

struct TokenizedPart {
  std::string corpus;
  std::string language;
  TokenCounts training;
  TokenCounts held_out;
};

struct TokenizeSummary {
  std::vector<TokenizedPart> parts;  // sorted by corpus, then language
  uint64_t units = 0;
  uint64_t units_kept = 0;  // that an earlier run had left
  TokenCounts training() const;
  TokenCounts held_out() const;
};
// As notes of a manifest and back. Key "tokenized CORPUS LANGUAGE", value six counts: documents, bytes and
// tokens of training, then of held-out. Other notes are passed over. Error: counts that cannot be read.
format::Notes summary_notes(const TokenizeSummary& summary);
TokenizeSummary summary_of_notes(const format::Notes& notes);

// For format::TokenFile.
inline Path training_prefix(const Path& folder, const std::string& corpus) {
  return folder / corpus;
}
inline Path held_out_prefix(const Path& folder, const std::string& corpus) {
  return folder / (corpus + ".heldout");
}

struct TokenizedDocument {  // a line of CORPUS.documents.tsv.zst
  std::string id;
  std::string language;
  uint64_t bytes = 0;
  uint64_t tokens = 0;
};
// Line i belongs to document i of the token file with that prefix.
std::vector<TokenizedDocument> read_tokenized_documents(const Path& prefix);

// Who does the work: all ranks of the group, each with its own pool and log.
struct Workers {
  comm::Group& group;
  Pool& pool;
  Log& log;
};

// Removes the outputs of an earlier run in `out` (its manifest first), but goes on from units of the same
// documents, tokenizer, rule and cuts in `out`/working, and then fills `out`. A document that cannot be read
// is an Error. Collective: all ranks see the same folders, and return the same summary.
TokenizeSummary tokenize_documents(const Path& documents_folder, const tokenizer::Tokenizer& tokenizer,
                                   const HeldOutRule& rule, const Path& out, const Workers& workers,
                                   const Cuts& cuts = {});

}  // namespace aurora::tokenize
