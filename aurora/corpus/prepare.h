// The stage "prepare": raw files in, documents out, and an outcome for every file and document.
//
// Per document: clean, tell the language, filter (judge.h). Over all: exact duplicates, then near duplicates;
// of equals the first in corpus order stays. Corpus order is the recipe's corpora, their files as
// find_inputs() lists them, and the documents of a file in its order.
//
// The bytes written are a function of the recipe's `result` keys and of the input files' contents and
// relative names: not of threads, memory limits, time or place. Files are read on all threads, a window of
// them at a time; memory is bounded by PrepareLimits plus, per kept document, 8 bytes for its id and 8 per
// band.
#pragma once

#include "aurora/base/file.h"
#include "aurora/base/log.h"
#include "aurora/base/threads.h"
#include "aurora/config/recipe.h"
#include "aurora/corpus/summary.h"

namespace aurora::corpus {

// How much is held at a time. Never changes the result.
struct PrepareLimits {
  uint64_t window_bytes = 64 << 20;  // of files read together
  size_t window_files = 1024;        //
  uint64_t large_file_bytes =
      16 << 20;                    // a file from this size on is read alone, its documents judged in batches
  int64_t batch_bytes = 32 << 20;  // of text per such batch
  int64_t queue_bytes = int64_t{1} << 30;  // of text that waits in memory for the near-duplicate verdict
};

// Writes FOLDER/part-*.jsonl.zst (kept), FOLDER/rejected/part-*.jsonl.zst (one reason each, text cut to 4,096
// bytes), FOLDER/summary.json and FOLDER/summary.txt, each atomically; the manifest is the caller's. A bad
// file or document never stops it. Errors: a corpus path that matches nothing, an output that cannot be
// written.
PrepareSummary prepare(const config::Recipe& recipe, const Path& folder, Pool& pool, Log& log,
                       const PrepareLimits& limits = {});

}  // namespace aurora::corpus
