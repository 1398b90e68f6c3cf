// All caches of one run of Megatron's BlendedMegatronDatasetBuilder over GPTDatasets, made on all cores and
// put where Megatron will find them.
//
//   one file, no weight     caches of the file alone, for the samples asked for
//   weights                 every file for its share of the samples, with the surplus; a blend per split
//   files without weights   one epoch of every file; blends in proportion to their samples: as many as asked
//                           for, or all of them where no number is given
//
// Weights and a split without a number of samples contradict each other, as in Megatron.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "aurora/base/file.h"
#include "aurora/base/threads.h"
#include "aurora/format/data_list.h"
#include "aurora/megatron/splits.h"

namespace aurora::megatron {

struct BlendFile {
  std::string name;   // the prefix as Megatron is told it: part of the cache's name
  Path prefix;        // where it lies
  double weight = 0;  // 0 for all files of a list: no weights
};

struct BuildSettings {
  // Either one list that is cut into splits, or a list per split, where an empty one leaves its split out.
  std::vector<BlendFile> files;
  std::optional<std::string> split = "969, 30, 1";       // with `files`
  std::array<std::vector<BlendFile>, 3> files_of_split;  // without `files`
  std::array<std::optional<int64_t>, 3> samples;         // of train, valid, test; nothing: see above
  int64_t sequence_length = 0;
  uint32_t seed = 1234;
  bool extra_token = true;         // add_extra_token_to_sequence
  bool drop_last_partial = true;   // drop_last_partial_validation_sequence
  double surplus = 0.005;          // mid_level_dataset_surplus
  std::string tokenizer = "null";  // cache.h: DatasetIdentity::tokenizer
  Path cache;                      // folder
};

struct BuiltSplit {
  int64_t samples = 0;  // of the blend, or of the one file
  Path description;     // of the blend, or of the one file: what MegatronOrder opens
};

struct BuildResult {
  std::array<std::optional<BuiltSplit>, 3> splits;
  uint64_t built = 0;          // caches written
  uint64_t kept = 0;           // caches found valid
  uint64_t bytes_written = 0;  //
  uint64_t documents = 0;      // entries of the document indices built
  uint64_t samples = 0;        // samples of the file indices built
};

// The list's entries as files of a blend: names as written, places from the list's folder.
std::vector<BlendFile> blend_files(const Path& list, const std::vector<format::ListEntry>& entries);

// Caches that are there and valid are kept. The bytes do not depend on the pool. Errors, naming file and
// split: those of the token files; an empty list; a weight of 0 among others; a dataset without samples in a
// blend by size; a blend that asks a file for more samples than it has (Megatron: raise the surplus).
BuildResult build_caches(const BuildSettings& settings, Pool& pool);

}  // namespace aurora::megatron
