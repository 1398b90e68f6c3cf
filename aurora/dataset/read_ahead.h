// A file from its first byte to its last, in pieces that stay in the cache of a core.
#pragma once

#include <functional>
#include <string_view>

#include "aurora/dataset/collection_stamps.h"

namespace aurora::dataset {

class OpenFile {
 public:
  // Error: missing, no regular file.
  explicit OpenFile(const Path& path);
  ~OpenFile();
  OpenFile(const OpenFile&) = delete;

  const Path& path() const { return path_; }
  const FileStamp& stamp() const { return stamp_; }  // when it was opened
  // Up to `size` bytes from `offset`; less only at the size of the stamp. Error: the file ends before.
  size_t read(uint64_t offset, char* out, size_t size) const;

 private:
  Path path_;
  int fd_ = -1;
  FileStamp stamp_;
};

using UsePiece = std::function<void(std::string_view)>;

// Reads and uses by turns; the kernel reads ahead.
void read_through(const OpenFile& file, const UsePiece& use);
// Uses pieces in this thread while another reads the next ones, at most 4 MiB ahead. For files too small to
// gain it is read_through().
void read_ahead(const OpenFile& file, const UsePiece& use);

}  // namespace aurora::dataset
