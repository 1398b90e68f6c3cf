// The lengths of a token file's sequences, straight from its .idx (docs/formats/token_file.md: int32 at byte
// 34, not aligned).
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <span>

#include "aurora/base/file.h"
#include "aurora/base/threads.h"
#include "aurora/format/token_file.h"

namespace aurora::megatron {

// Immutable; many threads may read it.
class SequenceLengths {
 public:
  // Opens PREFIX.idx. Errors: those of format::TokenFile; a negative length.
  explicit SequenceLengths(const Path& prefix);
  // A view of somebody's numbers, which must outlive it.
  explicit SequenceLengths(std::span<const int32_t> lengths)
      : data_(reinterpret_cast<const std::byte*>(lengths.data())), size_(lengths.size()) {}

  uint64_t size() const { return size_; }
  // Of the .bin; only where it was opened from a file.
  uint64_t tokens() const { return tokens_; }
  int32_t operator[](uint64_t sequence) const {
    int32_t length;
    std::memcpy(&length, data_ + sequence * sizeof(length), sizeof(length));
    return length;
  }
  // Tokens of the sequences [begin, end).
  int64_t sum(uint64_t begin, uint64_t end) const;

 private:
  std::shared_ptr<const MappedFile> idx_;  // where `data_` points into, if a file's
  const std::byte* data_ = nullptr;
  uint64_t size_ = 0;
  uint64_t tokens_ = 0;
};

}  // namespace aurora::megatron
