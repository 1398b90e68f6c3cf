// The held-out documents of a tokenize run: those that the pass over the text could not yet know, and their
// file.
#pragma once

#include <span>
#include <string>

#include "aurora/tokenize/held_out.h"
#include "aurora/tokenize/join_units.h"

namespace aurora::tokenize {

// Rules 2 and 3 (held_out.h) from the units' counts, and the tables of those units that hold documents of a
// short language or corpus.
LateDocuments choose_late_documents(std::span<const UnitRecord> records, const Path& work_folder,
                                    HeldOutChoice choice);

// Writes heldout-00000.jsonl.zst in `out`. Late documents are looked up in the shards that hold them: few, as
// only small languages and corpora have any.
void write_held_out_documents(const JoinTask& join, const UnitsTask& units, const Path& out, Pool& pool);

}  // namespace aurora::tokenize
