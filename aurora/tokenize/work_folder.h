// The folder of units between the pass over the text and the joining of what it made: what a run that was cut
// off leaves to the next one. All ranks see the same folder.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "aurora/tokenize/unit_file.h"

namespace aurora::tokenize {

struct UnitsTask {
  EncodeRule rule;
  std::string rule_identity;     // what of the rule is not the tokenizer: a line
  std::vector<InputFile> files;  // on rank 0; the others are told
  Cuts cuts;
  Path work_folder;
};

struct Units {
  std::vector<UnitRecord> records;  // in order
  uint64_t made = 0;                // of them, in this run
};

// Makes the folder, keeps in it the sound units of the same task, makes those that are missing, and returns
// all of them, on every rank. A folder of another task is emptied first. Collective.
Units make_units(UnitsTask& task, const Workers& workers);

}  // namespace aurora::tokenize
