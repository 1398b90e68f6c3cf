// A nameless temporary file of runs: words with counts, written once and read back in the same process. The
// file is gone when the process is, however it ends.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <string_view>

#include "aurora/base/file.h"
#include "aurora/vocabulary/word_table.h"

namespace aurora::vocabulary {

class SpillFile {
 public:
  struct Run {
    uint64_t begin = 0;
    uint64_t size = 0;
  };
  // Error: the folder cannot be written. Empty: the system's folder for temporary files.
  explicit SpillFile(const Path& folder);
  ~SpillFile();
  SpillFile(const SpillFile&) = delete;

  // Thread-safe, both. Error: no space left, unreadable.
  Run write(const WordTable& table);
  void read(Run run, const std::function<void(std::string_view word, uint64_t count)>& use) const;
  uint64_t size() const { return size_; }

 private:
  void append(std::string_view bytes, uint64_t at);

  int fd_ = -1;
  std::string name_;  // for errors
  std::atomic<uint64_t> size_ = 0;
};

}  // namespace aurora::vocabulary
