// Which tokens may come next: a bit for each id of the tokenizer. A sampler gives every other id, and ids
// beyond size(), no probability.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace aurora::constrain {

class TokenMask {
 public:
  explicit TokenMask(int32_t size = 0) : size_(size), words_((static_cast<size_t>(size) + 63) / 64) {}

  int32_t size() const { return size_; }
  // false outside [0, size()).
  bool allows(int32_t id) const {
    return id >= 0 && id < size_ && (words_[static_cast<size_t>(id) / 64] >> (id % 64) & 1) != 0;
  }
  int64_t count() const;  // allowed ids
  // Bit i of word w stands for id 64 w + i; bits from size() on are 0.
  std::span<const uint64_t> words() const { return words_; }

  // id in [0, size()).
  void allow(int32_t id) { words_[static_cast<size_t>(id) / 64] |= uint64_t{1} << (id % 64); }
  // Of equal sizes.
  void allow_all_of(const TokenMask& other);

  bool operator==(const TokenMask&) const = default;

 private:
  int32_t size_;
  std::vector<uint64_t> words_;
};

}  // namespace aurora::constrain
