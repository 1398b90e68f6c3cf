// From a sample's number to what a person wants to know of it: documents, text, sources, licences.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "apps/blend_order.h"
#include "aurora/order/piece.h"

namespace aurora::apps {

struct ShownPiece {
  order::Piece piece;
  uint64_t begin_in_document = 0;
  uint64_t document_tokens = 0;
  std::string id;      // of the document; empty where nothing says
  bool known = false;  // source, licence and language are
  std::string source, licence, language;
  bool decoded = false;  // else tokens
  std::string text;      // valid UTF-8
  std::vector<int32_t> tokens;
};

struct ShownSample {
  uint64_t number = 0;    // as training counts
  uint64_t position = 0;  // with skipped ones
  order::Unit unit;
  std::string stage, corpus, file;
  std::vector<ShownPiece> pieces;  // none where the files are not there
};

// Samples [begin, end). With a recipe, its run's tokenizer, tables and documents are read; else `tokenizer`
// decodes, if it is not empty. Errors: damaged files.
std::vector<ShownSample> shown_samples(const BlendOrder& run, uint64_t begin, uint64_t end,
                                       const std::string& tokenizer);

}  // namespace aurora::apps
