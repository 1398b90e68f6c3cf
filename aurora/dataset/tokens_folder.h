// What the tokenize stage leaves, as training and evaluation need it: where each corpus's tokens lie and by
// which tokenizer they were made (layout: tokenizer/tokenize.h).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "aurora/base/file.h"
#include "aurora/config/recipe.h"
#include "aurora/dataset/token_files.h"

namespace aurora::dataset {

struct TokensFolder {
  Path folder;
  std::vector<TokenFileSource> files;  // training tokens, one per [[corpus]], in the recipe's order
  int64_t vocab_size = 0;              // of the tokenizer, special tokens too
  int32_t end_of_document = -1;        // token id
  std::string tokenizer_fingerprint;   // of its vocabulary and merges
};

// Identities come from the hashes in the folder's manifest; no token is read. Error: the folder has no
// manifest (the tokenize stage is not finished), lacks a corpus of the recipe, or its tokenizer.json is
// damaged.
TokensFolder open_tokens_folder(const Path& folder, const std::vector<config::Corpus>& corpora);

}  // namespace aurora::dataset
