// Hashes: xxh3 for speed and identity inside a run, SHA-256 and MD5 where others check. Hex is lower case.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "aurora/base/file.h"

namespace aurora {

uint64_t xxh3_64(const void* data, size_t size, uint64_t seed = 0);
inline uint64_t xxh3_64(std::string_view bytes, uint64_t seed = 0) {
  return xxh3_64(bytes.data(), bytes.size(), seed);
}

struct Hash128 {
  uint64_t high = 0;
  uint64_t low = 0;
  auto operator<=>(const Hash128&) const = default;
  std::string hex() const;  // 32 digits
};
Hash128 xxh3_128(std::string_view bytes);
std::string hex64(uint64_t value);  // 16 digits

// Streaming xxh3-128: fingerprints and file hashes.
class Hasher {
 public:
  Hasher();
  ~Hasher();
  Hasher(Hasher&&) noexcept;
  void update(const void* data, size_t size);
  void update(std::string_view bytes) { update(bytes.data(), bytes.size()); }
  Hash128 digest() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};
Hash128 hash_file(const Path& path);

class Sha256 {
 public:
  Sha256();
  ~Sha256();
  void update(const void* data, size_t size);
  std::string hex();  // 64 digits; ends the hash

 private:
  struct State;
  std::unique_ptr<State> state_;
};
std::string sha256_hex(std::string_view bytes);
std::string sha256_file(const Path& path);

// For names that others made of it (Megatron's caches); not for safety. 32 digits.
std::string md5_hex(std::string_view bytes);

}  // namespace aurora
