#include "aurora/dataset/tokens_folder.h"

#include <fmt/format.h>

#include <filesystem>

#include "aurora/base/error.h"
#include "aurora/dataset/collection.h"
#include "aurora/format/manifest.h"
#include "aurora/format/token_file.h"
#include "aurora/tokenize/tokenize.h"
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

}  // namespace

TokensFolder open_tokens_folder(const Path& folder, const std::vector<config::Corpus>& corpora) {
  if (!format::has_manifest(folder))
    throw Error("the folder of tokens is missing or not finished", folder.string(),
                "run the tokenize stage first (aurora tokenize, or aurora run for all stages)");
  const format::Manifest manifest = format::read_manifest(folder);
  TokensFolder tokens;
  tokens.folder = folder;
  for (const config::Corpus& corpus : corpora) {
    const Path prefix = tokenize::training_prefix(folder, corpus.name);
    if (!std::filesystem::exists(format::token_idx_path(prefix)))
      throw Error(fmt::format("no tokens of the corpus \"{}\"", corpus.name),
                  format::token_idx_path(prefix).string(), "run the tokenize stage again with this recipe");
    const format::TokenFile file(prefix, format::TokenCheck::kEnds);
    const std::string bin_hash = hash_in(manifest, folder, format::token_bin_path(prefix));
    const std::string idx_hash = hash_in(manifest, folder, format::token_idx_path(prefix));
    tokens.files.push_back(
        {corpus.name, prefix, file.tokens(), file.documents(), content_identity(bin_hash, idx_hash)});
  }
  tokenizer::Tokenizer tokenizer = tokenizer::Tokenizer::load(folder);
  tokens.vocab_size = tokenizer.vocab_size();
  tokens.end_of_document = tokenizer.end_of_document();
  tokens.tokenizer_fingerprint = tokenizer.fingerprint();
  return tokens;
}

}  // namespace aurora::dataset
