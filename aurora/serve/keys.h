// API keys: who may ask, and how much. The file is TOML that people edit; keys themselves are never stored,
// only their SHA-256 (they are 256 random bits, so a slow hash would add nothing).
//
//   [[key]]
//   name = "lab"
//   sha256 = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
//   requests_per_minute = 60      # optional; absent = no limit
//   tokens_per_minute = 100000    # optional; prompt and answer together
//   admin = false                 # optional; may read /metrics and usage of others
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "aurora/base/file.h"

namespace aurora::serve {

struct Key {
  std::string name;
  std::string sha256;
  int64_t requests_per_minute = 0;  // 0: no limit
  int64_t tokens_per_minute = 0;
  bool admin = false;
};

struct NewKey {
  std::string secret;  // "sk-aurora-" and 43 characters; shown once
  Key key;
};
// 256 bits from the system's generator.
NewKey make_key(const std::string& name);
// Appends the key to the file (made if it is missing). UsageError: the name is taken.
void append_key(const Path& file, const Key& key);

// The keys of a file, read again when the file changes; a file that became wrong keeps the keys of before.
// Thread-safe.
class KeyRing {
 public:
  // Error (file and line) when the file cannot be read or is not as above.
  explicit KeyRing(Path file);

  // The key whose secret this is; nothing when there is none.
  std::optional<Key> find(std::string_view secret);
  // Reads the file again if its time or size changed. Returns what is wrong with it, or "".
  std::string refresh();

 private:
  using Keys = std::map<std::string, Key, std::less<>>;  // by sha256
  Path file_;
  std::mutex mutex_;
  std::shared_ptr<const Keys> keys_;
  std::filesystem::file_time_type changed_{};
  uintmax_t size_ = 0;
};

// What is left of a minute's allowance, for each key: buckets that fill steadily. Times are seconds of any
// steady clock. Thread-safe.
class RateLimits {
 public:
  // Takes one request and asks whether tokens are left. Returns 0, or seconds to wait (for Retry-After), and
  // then nothing is taken.
  int64_t take_request(const Key& key, double now);
  // Tokens are paid for when they are known: a bucket may go below zero, and then waits.
  void pay_tokens(const Key& key, int64_t tokens, double now);

 private:
  struct Bucket {
    double left = 0;
    double at = 0;
    bool fresh = true;
  };
  static void fill(Bucket& bucket, int64_t per_minute, double now);
  struct Buckets {
    Bucket requests, tokens;
  };
  std::mutex mutex_;
  std::map<std::string, Buckets> by_name_;
};

}  // namespace aurora::serve
