// A small collection of token files for tests.
#pragma once

#include <chrono>
#include <fstream>
#include <string>
#include <vector>

#include "aurora/base/test_folder.h"
#include "aurora/comm/self.h"
#include "aurora/dataset/collection.h"

namespace aurora::dataset {

// Without the syncs of write_file_atomic, which would cost most of the time. Backdated, so that stamps are
// kept.
inline void write_old_file(const Path& path, const std::string& bytes) {
  std::filesystem::create_directories(path.parent_path());
  std::ofstream(path, std::ios::binary) << bytes;
  const auto long_ago = std::filesystem::file_time_type::clock::now() - std::chrono::hours(1);
  std::filesystem::last_write_time(path, long_ago);
}

// One u16 pair whose documents have these lengths; tokens count up from `first`.
inline void write_pair(const Path& prefix, const std::vector<int32_t>& lengths, int first = 0) {
  std::string bin, lengths_bytes, pointers, boundaries;
  const auto put = [](std::string& out, auto value) {
    out.append(reinterpret_cast<const char*>(&value), sizeof value);
  };
  put(boundaries, int64_t{0});
  for (size_t i = 0; i < lengths.size(); ++i) {
    put(lengths_bytes, lengths[i]);
    put(pointers, static_cast<int64_t>(bin.size()));
    put(boundaries, static_cast<int64_t>(i + 1));
    for (int32_t j = 0; j < lengths[i]; ++j) put(bin, static_cast<uint16_t>(first++ % 1000));
  }
  std::string idx("MMIDIDX\0\0", 9);
  put(idx, uint64_t{1});
  put(idx, uint8_t{8});
  put(idx, uint64_t{lengths.size()});
  put(idx, uint64_t{lengths.size() + 1});
  write_old_file(format::token_bin_path(prefix), bin);
  write_old_file(format::token_idx_path(prefix), idx + lengths_bytes + pointers + boundaries);
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
    write_old_file(list(), "0.5 data/a m\n0.25 data/b w\n0.25 data/c m\n");
  }
  Path list() const { return folder / "list"; }
  Path manifest() const { return folder / "collection.json"; }

  TestFolder folder;
};

}  // namespace aurora::dataset
