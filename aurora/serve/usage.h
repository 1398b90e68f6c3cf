// Who used how much, in an SQLite file: one row per answer, written in batches by a thread of its own, so
// that no answer waits for the disk.
//
//   answers(at INTEGER /* seconds since 1970 */, key TEXT, model TEXT, endpoint TEXT, status INTEGER,
//           prompt_tokens INTEGER, cached_tokens INTEGER, completion_tokens INTEGER, milliseconds INTEGER)
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "aurora/base/file.h"

namespace aurora::serve {

struct UsageRow {
  int64_t at = 0;
  std::string key;  // its name; "" without keys
  std::string model;
  std::string endpoint;
  int status = 200;
  int64_t prompt_tokens = 0;
  int64_t cached_tokens = 0;  // of the prompt, from the prefix cache
  int64_t completion_tokens = 0;
  int64_t milliseconds = 0;
};

struct UsageSum {
  std::string key, model;
  int64_t answers = 0;
  int64_t failed = 0;  // status 400 or more
  int64_t prompt_tokens = 0, cached_tokens = 0, completion_tokens = 0;
};

// Thread-safe. Closing writes what is left.
class UsageLog {
 public:
  // Error: no such folder, no SQLite file, a file of another program.
  explicit UsageLog(const Path& file);
  ~UsageLog();

  // Never waits; when the disk cannot follow, rows wait in memory, at most kMostWaiting; more are dropped and
  // counted.
  void add(UsageRow row);
  static constexpr size_t kMostWaiting = 100'000;
  uint64_t dropped() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// Sums by key and model over rows with since <= at < until, ordered by key. Error: the file is missing or
// no usage log.
std::vector<UsageSum> read_usage(const Path& file, int64_t since, int64_t until);

}  // namespace aurora::serve
