#include "aurora/corpus/inputs.h"

#include <set>

#include "aurora/base/error.h"
#include "aurora/base/hash.h"
#include "aurora/base/utf8.h"

namespace aurora::corpus {
namespace {

namespace fs = std::filesystem;

// The folder that sources are relative to.
Path root_of(const std::string& pattern) {
  std::error_code error;
  if (fs::is_directory(pattern, error)) return pattern;
  Path root;
  const Path whole(pattern);
  if (!fs::exists(whole, error)) {
    for (const Path& part : whole.parent_path()) {
      if (part.native().find_first_of("*?[") != std::string::npos) break;
      root /= part;
    }
    return root;
  }
  return whole.parent_path();
}

std::string source_of(const Path& path, const Path& root) {
  const Path relative =
      path.lexically_normal().lexically_relative(root.empty() ? Path(".") : root.lexically_normal());
  // lexically_relative gives up ("" or "..") where the two spellings have nothing in common.
  const bool below = !relative.empty() && *relative.begin() != "..";
  return repair_utf8((below ? relative : path.filename()).generic_string());
}

}  // namespace

CorpusInputs find_inputs(const config::Corpus& corpus) {
  CorpusInputs inputs;
  std::set<std::string> seen;
  for (const std::string& pattern : corpus.paths) {
    const Path root = root_of(pattern);
    std::vector<Path> unreadable;
    for (const Path& path : expand_glob(pattern, &unreadable)) {
      if (!seen.insert(path.lexically_normal().native()).second) continue;
      std::error_code error;
      const uintmax_t bytes = fs::file_size(path, error);
      inputs.files.push_back({path, source_of(path, root), error ? 0 : bytes});
    }
    for (const Path& folder : unreadable) inputs.unreadable_folders.push_back(source_of(folder, root));
  }
  return inputs;
}

std::vector<InputDigest> digest_inputs(const config::Recipe& recipe, Pool& pool) {
  std::vector<InputDigest> digests;
  for (const config::Corpus& corpus : recipe.corpora) {
    const CorpusInputs inputs = find_inputs(corpus);
    std::vector<Hash128> hashes(inputs.files.size());
    pool.for_each(hashes.size(), [&](size_t i) {
      try {
        hashes[i] = hash_file(inputs.files[i].path);
      } catch (const Error&) {
        hashes[i] = xxh3_128("");  // reading will report it as this file's problem
      }
    });
    InputDigest digest;
    digest.corpus = corpus.name;
    digest.files = inputs.files.size();
    Hasher hasher;
    for (size_t i = 0; i < hashes.size(); ++i) {
      const InputFile& file = inputs.files[i];
      digest.bytes += file.bytes;
      hasher.update(file.source + '\0' + std::to_string(file.bytes) + '\0' + hashes[i].hex() + '\n');
    }
    digest.hash = hasher.digest().hex();
    digests.push_back(std::move(digest));
  }
  return digests;
}

}  // namespace aurora::corpus
