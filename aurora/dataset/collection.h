// The manifest of a collection of token files (docs/formats/collection.md): what every file holds, by
// content. Its identity covers content only, so moving or renaming files changes nothing and changing a byte
// is noticed. Its bytes are a pure function of the list, the settings and the files: not of ranks, threads or
// of what was known before.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "aurora/base/file.h"
#include "aurora/base/log.h"
#include "aurora/base/threads.h"
#include "aurora/comm/group.h"
#include "aurora/dataset/collection_stamps.h"
#include "aurora/format/data_list.h"
#include "aurora/format/token_file.h"

namespace aurora::dataset {

// How many bins each block of a file takes when documents are packed whole (order/order.h, kPacked).
struct PackedCounts {
  int64_t sequence_length = 0;  // T
  int64_t block_windows = 0;    // W
  std::vector<uint32_t> bins;   // per block
  bool operator==(const PackedCounts&) const = default;
};

// Identity of a pair of token files (order::File::identity) by the hashes of its .bin and .idx, hex.
uint64_t content_identity(const std::string& bin_hash, const std::string& idx_hash);

struct CollectionFile {
  Path prefix;  // place: relative ones start at Collection::folder; not part of the identity
  std::string corpus;
  std::string licence;    // as text; may be empty
  std::string tokenizer;  // fingerprint of the vocabulary that made it; may be empty (unknown)
  double weight = 0;      // of the list it came from; 0: none
  format::TokenType type = format::TokenType::kU16;
  uint64_t tokens = 0;
  uint64_t sequences = 0;
  uint64_t documents = 0;
  uint64_t bin_bytes = 0, idx_bytes = 0;
  std::string bin_hash;  // xxh3-128 of the bytes, 32 hex digits
  std::string idx_hash;
  std::vector<PackedCounts> packed;  // for those (T, W) that were asked for

  uint64_t identity() const { return content_identity(bin_hash, idx_hash); }
  bool operator==(const CollectionFile&) const = default;
};

// What making a collection took. Of this place and time, so not part of the manifest.
struct CollectionReading {
  std::vector<std::optional<PairStamp>> stamps;  // of the files, in their order; none: read it next time
  uint64_t files_read = 0;                       // pairs whose .bin was read, over all ranks
  uint64_t bytes_read = 0;                       // .bin and .idx, over all ranks
};

struct Collection {
  std::vector<CollectionFile> files;  // in list order
  // Where relative prefixes start: the folder of the list it was made from or of the manifest it was read
  // from.
  Path folder;
  CollectionReading reading;  // filled by make_collection

  Path place(const CollectionFile& file) const { return folder / file.prefix; }
  // 32 hex digits over corpus, tokenizer, licence and content of the files, in any order.
  std::string identity() const;
  uint64_t tokens() const;
};

struct CollectionSettings {
  std::string licence, tokenizer;            // of all files
  std::vector<std::string> corpus_licences;  // "CORPUS=LICENCE": over `licence`
  int64_t pack_sequence_length = 0;          // with pack_block_windows: fill in `packed`
  int64_t pack_block_windows = 0;
};

// Reads every file of the list once, files shared out over ranks and threads; collective, all ranks get the
// whole. known: an earlier manifest and its stamps (collection_stamps.h), may be empty or missing: what has
// not been touched since is not read again. Errors, the same on all ranks: the first file (in list order)
// that is missing, damaged or changes while it is read; a corpus of corpus_licences that is not in the list.
Collection make_collection(const Path& list, const std::vector<format::ListEntry>& entries,
                           const CollectionSettings& settings, const Path& known, comm::Group& group,
                           Pool& pool, Log& log);

// Atomic; of a group, one rank does it. Beside PATH lies PATH.stamps, which concerns this place only and may
// be deleted. Relative prefixes are written from PATH's folder, absolute ones as they are.
void write_collection(const Path& path, const Collection& collection);
// By its first bytes; false also for what cannot be read.
bool is_collection(const Path& path);
// Error naming file and key: missing, damaged, contradicts itself.
Collection read_collection(const Path& path);
// Reads everything again and says what is not as the manifest has it, one sentence each naming the file, in
// the manifest's order. Collective, all ranks get the whole. collection: as read from `path`.
std::vector<std::string> verify_collection(const Path& path, const Collection& collection, comm::Group& group,
                                           Pool& pool);

}  // namespace aurora::dataset
