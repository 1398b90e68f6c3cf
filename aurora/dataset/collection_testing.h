// A small collection of token files for tests.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "aurora/base/test_folder.h"
#include "aurora/comm/self.h"
#include "aurora/dataset/collection.h"

namespace aurora::dataset {

// One pair whose documents have these lengths; tokens count up from `first`. Backdated, so that its stamp is
// kept.
inline void write_pair(const Path& prefix, const std::vector<int32_t>& lengths, int32_t first = 0) {
  format::TokenFileWriter writer(prefix, 1000);
  for (const int32_t length : lengths) {
    std::vector<int32_t> document;
    for (int32_t i = 0; i < length; ++i) document.push_back((first++) % 1000);
    writer.append(document);
  }
  writer.commit();
  const auto long_ago = std::filesystem::file_time_type::clock::now() - std::chrono::hours(1);
  for (const Path& path : {format::token_bin_path(prefix), format::token_idx_path(prefix)}) {
    std::filesystem::last_write_time(path, long_ago);
  }
}

inline std::string flipped_byte(std::string bytes, size_t at) {
  bytes[at] = static_cast<char>(bytes[at] ^ 1);
  return bytes;
}

inline Collection make_from(const Path& list, const CollectionSettings& settings, const Path& known,
                            comm::Group& group, Pool& pool) {
  return make_collection(list, format::read_data_list(list), settings, known, group, pool, Log::silent());
}

// On one rank and thread.
inline Collection make_from(const Path& list, const CollectionSettings& settings = {},
                            const Path& known = {}) {
  return make_from(list, settings, known, *comm::self_group(), Pool::serial());
}

// Folder with data/a, data/b, data/c (corpus m: a and c; corpus w: b) and `list`.
class SmallCollection {
 public:
  SmallCollection() {
    write_pair(folder / "data/a", {3, 0, 5}, 0);
    write_pair(folder / "data/b", {700}, 10);
    write_pair(folder / "data/c", {1, 2}, 20);
    write_file_atomic(list(), "0.5 data/a m\n0.25 data/b w\n0.25 data/c m\n");
  }
  Path list() const { return folder / "list"; }
  Path manifest() const { return folder / "collection.json"; }

  TestFolder folder;
};

}  // namespace aurora::dataset
