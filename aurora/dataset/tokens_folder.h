// What the tokenize stage leaves, as training and evaluation need it: where each corpus's tokens lie and by
// which tokenizer they were made (layout: tokenizer/tokenize.h).
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "aurora/base/file.h"
#include "aurora/config/recipe.h"
<<<<<<< HEAD
#include "aurora/dataset/token_files.h"
=======
#include "aurora/dataset/stored_order.h"
>>>>>>> loader

namespace aurora::dataset {

struct Source {
  std::string name;
  double weight = 1.0;
  Path prefix;  // PREFIX.bin, PREFIX.idx
};

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

<<<<<<< HEAD
// A source of tokens by its files alone, for those that no manifest names: opens the .idx and hashes both
// files.
TokenFileSource read_token_source(const std::string& corpus, const Path& prefix);
=======
// The order of one stage of windows over one file per corpus, and the files (StoredOrder::files). A corpus
// without tokens is left out, and the weights of the others count for it. Reads every .idx. Errors: those of
// TokenFile and of order::Order.
std::shared_ptr<const StoredOrder> window_order(const std::vector<Source>& sources, uint64_t seed,
                                                int64_t sequence_length);
>>>>>>> loader

}  // namespace aurora::dataset
