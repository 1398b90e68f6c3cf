// Text in other people's files to one pair of token files, as Megatron's preprocess_data makes it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "aurora/format/token_file.h"
#include "aurora/tokenize/tokenize.h"

namespace aurora::tokenize {

struct FilesSettings {
  std::string text_key = "text";  // of the object on each line
  bool append_eod = true;         // the tokenizer's end token behind each document (Megatron's --append-eod)
  Cuts cuts = {};
};

struct FilesSummary {
  TokenCounts counts;
  uint64_t rejected = 0;                             // lines
  format::TokenType type = format::TokenType::kU16;  // as stored
  uint64_t units = 0;
  uint64_t units_kept = 0;  // that an earlier run had left
};

// inputs: files of JSON lines (plain, gzip or zstd, told by their first bytes), or folders of such (.jsonl,
// .json, .jsonl.zst, .jsonl.gz .. anywhere below, in order of their paths). Every line is a document, in
// order; an empty text is a document, too; blank lines are passed over.
//
// Makes PREFIX.bin and PREFIX.idx; they replace old ones when they are whole. Lines without such a text,
// lines that are no JSON, and what is damaged do not stop the run: they are told in PREFIX.rejected.tsv (file
// and line, reason), which is there only if there are any. PREFIX.working holds what is done so far: the same
// call goes on from it after a crash; files that have changed since, or other settings, begin anew.
//
// The bytes are a pure function of inputs, tokenizer and settings. Collective: all ranks see the same
// folders, and return the same summary. UsageError: append_eod with a tokenizer that has no end token. Error:
// an input that is missing or cannot be read at all.
FilesSummary tokenize_files(const std::vector<Path>& inputs, const tokenizer::Tokenizer& tokenizer,
                            const Path& prefix, const FilesSettings& settings, const Workers& workers);

}  // namespace aurora::tokenize
