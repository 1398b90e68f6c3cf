// Stamps say what the file system told of a file when it was read. While that stays the same the file is
// taken for untouched and is not read again (docs/formats/collection.md).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "aurora/base/file.h"

namespace aurora::dataset {

struct FileStamp {
  uint64_t bytes = 0;
  int64_t modified_ns = 0;        // of the content, since 1970
  int64_t status_changed_ns = 0;  // of the inode: cannot be set back by programs
  uint64_t inode = 0;
  bool operator==(const FileStamp&) const = default;
};

struct PairStamp {
  FileStamp bin, idx;
  bool operator==(const PairStamp&) const = default;
};

// Error: missing, or no regular file.
FileStamp stamp_file(const Path& path);
FileStamp stamp_open_file(int fd, const Path& path);
PairStamp stamp_pair(const Path& prefix);

// File systems count time in ticks of up to seconds: a file changed within its last tick before it was read
// might change again without showing it. Only older stamps are kept.
bool settled(const PairStamp& stamp, int64_t read_ns);
int64_t now_ns();  // since 1970

using PairStamps = std::vector<std::optional<PairStamp>>;  // one per file of a collection

// Eight numbers and spaces; nothing when the line is something else.
std::string print_stamp(const PairStamp& stamp);
std::optional<PairStamp> parse_stamp(std::string_view line);

Path stamps_path(const Path& manifest);
// manifest: the bytes that the stamps belong to.
std::string print_stamps(const PairStamps& stamps, std::string_view manifest);
// Nothing when the text is damaged or belongs to other bytes.
std::optional<PairStamps> parse_stamps(std::string_view text, std::string_view manifest);

}  // namespace aurora::dataset
