// Which documents are kept from training, to measure on: a pure function of the documents' ids.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "aurora/base/file.h"
#include "aurora/config/recipe.h"

namespace aurora::tokenize {

struct DocumentInfo {
  std::string id;
  std::string corpus;
  std::string language;
  uint64_t bytes = 0;  // of text
};

// All documents of a documents folder, in order, without their text.
std::vector<DocumentInfo> scan_documents(const Path& folder);

struct HeldOutRule {
  uint64_t seed = 0;
  double share = 0.02;                       // of documents
  uint64_t language_bytes = 80'000;          // at least so much text per named language ...
  std::vector<std::string> named_languages;  // ... of these
};
HeldOutRule held_out_rule(const config::Recipe& recipe);

// flags[i]: document i is held out. Every document has a key, a keyed hash of its id. Held out are
//  1. documents whose key lies below the share;
//  2. per named language, further documents in order of key until language_bytes are reached;
//  3. per corpus without any so far, the first document in order of key.
// Rules 2 and 3 pass over a document that would bring its language or corpus to more than half of its bytes
// held out.
std::vector<bool> choose_held_out(std::span<const DocumentInfo> documents, const HeldOutRule& rule);

}  // namespace aurora::tokenize
