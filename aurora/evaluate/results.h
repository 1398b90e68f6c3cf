// What an evaluation found, and its file evaluation/results.json (docs/formats/evaluation.md).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "aurora/base/file.h"

namespace aurora::evaluate {

// Held-out text of one corpus or one language.
struct HeldOutRow {
  std::string group;  // "language" or "corpus"
  std::string name;   // "en", "man-fr" ...
  int64_t documents = 0;
  int64_t bytes = 0;    // UTF-8 text
  int64_t tokens = 0;   // predicted ones: all of the text's, none of the document ends
  double nll_nats = 0;  // summed over the tokens

  // Compressed sizes of the row's documents one after the other, in bytes.
  int64_t gzip_bytes = 0, xz_bytes = 0, zstd_bytes = 0;

  double bits_per_byte() const;
  double perplexity() const;  // per token
  double gzip_bits_per_byte() const {
    return 8.0 * static_cast<double>(gzip_bytes) / static_cast<double>(bytes);
  }
  double xz_bits_per_byte() const { return 8.0 * static_cast<double>(xz_bytes) / static_cast<double>(bytes); }
  double zstd_bits_per_byte() const {
    return 8.0 * static_cast<double>(zstd_bytes) / static_cast<double>(bytes);
  }
};

// A continuation of a prompt by the model.
struct Sample {
  std::string prompt;
  std::string text;  // without the prompt
};

struct Results {
  int64_t step = 0;              // of the checkpoint
  std::string weights_hash;      // of the checkpoint
  std::vector<HeldOutRow> rows;  // languages first, then corpora, each by name
  std::vector<Sample> samples;
};

void write_results(const Path& file, const Results& results);
// Error: missing or malformed, with file and key.
Results read_results(const Path& file);

// The table for people: one line per row.
std::string results_table(const Results& results);

}  // namespace aurora::evaluate
