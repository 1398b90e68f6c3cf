// The raw files that a recipe's corpora name.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "aurora/base/file.h"
#include "aurora/base/threads.h"
#include "aurora/config/recipe.h"

namespace aurora::corpus {

struct InputFile {
  Path path;
  // Relative to the folder that the recipe names (of a glob: to its part before the first wildcard; of a
  // file: its name), so that moving the files changes no result. Valid UTF-8.
  std::string source;
  uint64_t bytes = 0;  // 0 if it cannot be told
};

struct CorpusInputs {
  std::vector<InputFile> files;  // in the order of corpus.paths, then by path bytes; each file once
  std::vector<std::string> unreadable_folders;  // sources
};

// Error: a path or glob that matches nothing.
CorpusInputs find_inputs(const config::Corpus& corpus);

// What a run's documents depend on besides its settings: one entry per corpus.
struct InputDigest {
  std::string corpus;
  uint64_t files = 0;
  uint64_t bytes = 0;
  std::string hash;  // xxh3-128 over source, size and xxh3-128 of every file, in order; 32 hex digits
};
// Reads every file. A file that cannot be read counts with the hash of nothing.
std::vector<InputDigest> digest_inputs(const config::Recipe& recipe, Pool& pool);

}  // namespace aurora::corpus
