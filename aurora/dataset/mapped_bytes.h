// A local file to copy ranges out of, at the speed of memory: a mapping instead of a system call per range
// (0.4 us and a slower copy each). A file that was cut short under a mapping makes a program die of SIGBUS;
// here that is an answer:
//   - pages that are gone: the first mapping installs a SIGBUS handler (process-wide) that sends a copy
//     that is under way in the same thread to its caller; every other SIGBUS goes on to the handler before;
//   - the rest of the page in which the file now ends reads as zeros: whoever copies must ask the file itself
//     where a copy ends with a zero byte.
#pragma once

#include <cstddef>
#include <cstdint>

#include "aurora/base/file.h"

namespace aurora::dataset {

class MappedBytes {
 public:
  // Error: missing, unreadable.
  explicit MappedBytes(const Path& path);
  ~MappedBytes();
  MappedBytes(const MappedBytes&) = delete;

  uint64_t size() const { return size_; }  // when it was opened
  // Bytes offset .. offset+size-1, which must lie below size(). False: not all can be read (any more).
  // Thread-safe.
  [[nodiscard]] bool copy(uint64_t offset, void* out, size_t size) const;
  // The same for whoever copies himself: calls use(bytes, context) with where the range lies. `use` may be
  // left in its midst and not come back, so it must own nothing.
  using Use = void (*)(const std::byte* bytes, void* context);
  [[nodiscard]] bool guarded(uint64_t offset, size_t size, Use use, void* context) const;
  // Brings the range nearer to this core; never an error.
  void prefetch(uint64_t offset, size_t size) const {
    constexpr size_t kLine = 64;
    for (size_t at = 0; at < size; at += kLine) __builtin_prefetch(data_ + offset + at, 0, 2);
  }

 private:
  const std::byte* data_ = nullptr;
  uint64_t size_ = 0;
};

}  // namespace aurora::dataset
