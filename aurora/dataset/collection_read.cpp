#include "aurora/dataset/collection_read.h"

#include "aurora/base/error.h"
#include "aurora/base/hash.h"
#include "aurora/dataset/packing.h"
#include "aurora/dataset/read_ahead.h"

namespace aurora::dataset {
namespace {

void refuse_changed(const Path& path, const FileStamp& before, const FileStamp& opened) {
  if (opened != before || stamp_file(path) != before) {
    throw Error("the file changed while it was read", path.string(),
                "wait until nobody writes it, then make the manifest again");
  }
}

PackedCounts packed_counts(const format::TokenFile& file, const ReadSettings& settings) {
  return {settings.pack_sequence_length, settings.pack_block_windows,
          count_bins(file, settings.pack_sequence_length, settings.pack_block_windows)};
}

}  // namespace

PairReading read_pair(const Path& prefix, const ReadSettings& settings, const ReadProgress& progress) {
  PairReading reading;
  const PairStamp before = stamp_pair(prefix);
  CollectionFile& file = reading.file;
  {
    const format::TokenFile tokens(prefix);  // first: damage shows before much is read
    file.type = tokens.type();
    file.tokens = tokens.tokens();
    file.sequences = tokens.sequences();
    file.documents = tokens.documents();
    if (settings.pack_sequence_length > 0) file.packed.push_back(packed_counts(tokens, settings));
  }
  const HashedFile idx = hash_with_stamp(format::token_idx_path(prefix), settings.overlap, progress);
  const HashedFile bin = hash_with_stamp(format::token_bin_path(prefix), settings.overlap, progress);
  refuse_changed(format::token_bin_path(prefix), before.bin, bin.stamp);
  refuse_changed(format::token_idx_path(prefix), before.idx, idx.stamp);
  file.bin_bytes = bin.stamp.bytes;
  file.idx_bytes = idx.stamp.bytes;
  file.bin_hash = bin.hash;
  file.idx_hash = idx.hash;
  reading.stamp = before;
  return reading;
}

PackedCounts count_packed(const Path& prefix, const ReadSettings& settings) {
  return packed_counts(format::TokenFile(prefix), settings);
}

HashedFile hash_with_stamp(const Path& path, bool overlap, const ReadProgress& progress) {
  const OpenFile file(path);
  Hasher hasher;
  const auto use = [&](std::string_view piece) {
    hasher.update(piece);
    if (progress) progress(piece.size());
  };
  if (overlap) {
    read_ahead(file, use);
  } else {
    read_through(file, use);
  }
  return {hasher.digest().hex(), file.stamp()};
}

}  // namespace aurora::dataset
