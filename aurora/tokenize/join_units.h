// Units to token files: the second half of a tokenize run. It moves tokens and looks at no text.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "aurora/tokenize/work_folder.h"

namespace aurora::tokenize {

// A document that is held out though its key does not tell.
struct LateDocument {
  uint32_t unit = 0;      // its place among the records
  uint32_t document = 0;  // of the unit
  uint32_t part = 0;
  uint32_t tokens = 0;
  uint64_t text_bytes = 0;
};
using LateDocuments = std::vector<LateDocument>;  // in order
std::span<const LateDocument> late_of_unit(const LateDocuments& late, size_t unit);

struct JoinOutput {
  Path prefix;         // of .bin and .idx
  std::string corpus;  // what goes there
  bool held_out = false;
  Path table;  // empty: none
};

struct JoinTask {
  std::span<const UnitRecord> records;
  Path work_folder;
  format::TokenType type = format::TokenType::kU16;
  LateDocuments late;
  std::vector<JoinOutput> outputs;             // every document has one
  std::vector<std::function<void()>> besides;  // other work of this rank, done meanwhile
};

// Writes all outputs: aside, ranks and threads side by side, then renamed by rank 0, .idx last. Collective.
void join_units(const JoinTask& task, const Workers& workers);

}  // namespace aurora::tokenize
