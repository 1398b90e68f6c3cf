// Reading one pair of token files from end to end: hashes, counts, bins.
#pragma once

#include <functional>

#include "aurora/dataset/collection.h"

namespace aurora::dataset {

// Called with bytes as they have been read, from the reading thread.
using ReadProgress = std::function<void(uint64_t bytes)>;

struct ReadSettings {
  int64_t pack_sequence_length = 0;  // with pack_block_windows: count bins
  int64_t pack_block_windows = 0;
  bool overlap = false;  // a second thread reads large files while this one hashes: for idle cores
};

struct PairReading {
  CollectionFile file;  // without prefix, corpus, licence, tokenizer, weight
  PairStamp stamp;
};

// Everything. Error: damaged (format::TokenFile), changes while it is read.
PairReading read_pair(const Path& prefix, const ReadSettings& settings, const ReadProgress& progress);
// The bins alone, from the .idx. Error as above.
PackedCounts count_packed(const Path& prefix, const ReadSettings& settings);

struct HashedFile {
  std::string hash;
  FileStamp stamp;  // when it was opened
};
// Error: cannot be read, ends before the size it was opened with.
HashedFile hash_with_stamp(const Path& path, bool overlap, const ReadProgress& progress);

}  // namespace aurora::dataset
