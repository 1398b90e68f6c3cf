// What happens to one document on its own: cleaning, language, filters, and the fingerprints by which the
// duplicates among all are found. A pure function, so that documents can be judged in any order on any
// thread.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "aurora/base/hash.h"
#include "aurora/config/recipe.h"
#include "aurora/corpus/dedup_minhash.h"
#include "aurora/corpus/filters.h"
#include "aurora/corpus/reader.h"
#include "aurora/format/document.h"

namespace aurora::corpus {

struct Judged {
  format::Document document;
  std::string reason;               // empty: kept so far
  Hash128 identity;                 // of kept ones: dedup_exact.h
  std::vector<uint64_t> band_keys;  // of kept ones, if near duplicates are looked for: dedup_minhash.h
};

// Immutable: one serves all threads.
class Judge {
 public:
  Judge(const config::Prepare& settings, const config::Corpus& corpus);

  Judged judge(RawDocument&& raw) const;
  // A file's problem as a rejected document without text.
  Judged judge(FileProblem&& problem) const;

 private:
  format::Document new_document(std::string source) const;
  // Sets the document's language; returns false if the recipe does not want it.
  bool settle_language(format::Document& document, const std::string& hint) const;

  const config::Prepare& settings_;
  const config::Corpus& corpus_;
  Profile profile_;
  MinHasher hasher_;
};

}  // namespace aurora::corpus
