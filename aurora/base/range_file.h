// Ranges of bytes: all that a reader of large files may ask of where they lie. A local file answers by pread,
// so that a file cut short under a running program is an Error and not a signal; an object store would answer
// by ranged requests.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "aurora/base/file.h"

namespace aurora {

class RangeFile {
 public:
  virtual ~RangeFile() = default;
  virtual uint64_t size() const = 0;  // when it was opened
  // Exactly `size` bytes from `offset` into `out`. Thread-safe. Error naming file@offset: it ends before, it
  // cannot be read.
  virtual void read(uint64_t offset, void* out, size_t size) const = 0;
  // This range will be read soon: a hint, never an error.
  virtual void will_need(uint64_t offset, uint64_t size) const = 0;
  virtual const std::string& name() const = 0;
};

// Holds one file descriptor. Error: missing, unreadable, no regular file.
std::unique_ptr<RangeFile> open_range_file(const Path& path);

// Raises the soft limit of open files to the hard one: a run holds one descriptor per token file that it
// uses, and the usual soft limit is 1,024. For main().
void allow_many_open_files();

}  // namespace aurora
