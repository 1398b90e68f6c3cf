// The documents of many tokens at once. A search among millions of documents waits for memory some ten times
// (format::TokenFile::document_of); here the searches take their steps in turn, so that while one waits the
// others' memory is on its way.
#pragma once

#include <cstdint>
#include <span>

#include "aurora/format/token_file.h"

namespace aurora::dataset {

struct DocumentSearch {
  const format::TokenFile* file = nullptr;
  uint64_t token = 0;
  uint64_t document = 0;  // the answer
};

// Sets each document to file->document_of(token).
void find_documents(std::span<DocumentSearch> searches);

}  // namespace aurora::dataset
