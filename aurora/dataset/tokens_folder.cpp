#include "aurora/dataset/tokens_folder.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "aurora/base/error.h"
#include "aurora/base/hash.h"
#include "aurora/dataset/collection.h"
#include "aurora/format/manifest.h"
#include "aurora/format/token_file.h"
#include "aurora/tokenizer/tokenize.h"
#include "aurora/tokenizer/tokenizer.h"

namespace aurora::dataset {
namespace {

std::string hash_in(const format::Manifest& manifest, const Path& folder, const Path& file) {
  const std::string name = file.lexically_relative(folder).generic_string();
  for (const format::FileRecord& output : manifest.outputs)
    if (output.name == name) return output.hash;
  throw Error("the manifest of the tokens does not name this file", file.string(),
              "run the tokenize stage again with this recipe");
}

TokenFileSource source_of(const std::string& corpus, const Path& prefix, std::string bin_hash,
                          std::string idx_hash) {
  const format::TokenFile file(prefix, format::TokenCheck::kEnds);
  CollectionFile content;
  content.bin_hash = std::move(bin_hash);
  content.idx_hash = std::move(idx_hash);
  return {corpus, prefix, file.tokens(), file.documents(), content.identity()};
}

}  // namespace

TokensFolder open_tokens_folder(const Path& folder, const std::vector<config::Corpus>& corpora) {
  if (!format::has_manifest(folder))
    throw Error("the folder of tokens is missing or not finished", folder.string(),
                "run the tokenize stage first (aurora tokenize, or aurora run for all stages)");
  const format::Manifest manifest = format::read_manifest(folder);
  TokensFolder tokens;
  tokens.folder = folder;
  for (const config::Corpus& corpus : corpora) {
    const Path prefix = tokenizer::training_prefix(folder, corpus.name);
    if (!std::filesystem::exists(format::token_idx_path(prefix)))
      throw Error(fmt::format("no tokens of the corpus \"{}\"", corpus.name),
                  format::token_idx_path(prefix).string(), "run the tokenize stage again with this recipe");
    tokens.files.push_back(source_of(corpus.name, prefix,
                                     hash_in(manifest, folder, format::token_bin_path(prefix)),
                                     hash_in(manifest, folder, format::token_idx_path(prefix))));
  }
  tokenizer::Tokenizer tokenizer = tokenizer::Tokenizer::load(folder);
  tokens.vocab_size = tokenizer.vocab_size();
  tokens.end_of_document = tokenizer.end_of_document();
  tokens.tokenizer_fingerprint = tokenizer.fingerprint();
  return tokens;
}

TokenFileSource read_token_source(const std::string& corpus, const Path& prefix) {
  return source_of(corpus, prefix, hash_file(format::token_bin_path(prefix)).hex(),
                   hash_file(format::token_idx_path(prefix)).hex());
}

}  // namespace aurora::dataset
