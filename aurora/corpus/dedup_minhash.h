// Near duplicates by MinHash and locality-sensitive hashing (Broder 1997; Leskovec, Rajaraman, Ullman,
// "Mining of Massive Datasets", chapter 3). docs/formats/filters.md, "Duplicates", has the exact definition.
//
// Deterministic: buckets are found by sorting (key, document number) and clusters are closed with the
// smallest document number as their root, so that neither threads nor hash tables have a say. The same bits
// on every instruction set: 32-bit integer arithmetic only.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "aurora/base/threads.h"
#include "aurora/corpus/words.h"

namespace aurora::corpus {

struct MinHashOptions {
  int ngram = 5;   // words per shingle
  int bands = 14;  // two documents meet when one whole band is equal
  int rows = 8;    // minima per band
};

// Immutable after construction, so one may serve all threads.
class MinHasher {
 public:
  explicit MinHasher(const MinHashOptions& options);

  // bands*rows minima over the document's shingles. A document of fewer than ngram words is one shingle; one
  // without any word is its text's hash.
  std::vector<uint32_t> signature(std::string_view text, const Words& words) const;
  // One key per band: the hash of its minima.
  std::vector<uint64_t> band_keys(std::string_view text, const Words& words) const;

  const MinHashOptions& options() const { return options_; }

 private:
  MinHashOptions options_;
  std::vector<uint32_t> masks_;        // s_i, padded to whole vectors
  std::vector<uint32_t> multipliers_;  // a_i, odd
};

// keys: documents x bands, row-major, in corpus order. For each document the first one of its cluster: itself
// if it stays. bands > 0; fewer than 2^32 documents.
std::vector<uint32_t> find_near_duplicates(std::span<const uint64_t> keys, int bands, Pool& pool);

}  // namespace aurora::corpus
