// An array too large for the ordinary heap's habits: its pages are asked for as huge ones, so that random
// access does not wait for the page table as well, and nothing is written before its owner does.
#pragma once

#include <cstddef>
#include <span>
#include <type_traits>
#include <utility>

namespace aurora::megatron {

// Raw memory of the size, aligned to a cache line at least; null for 0. Error: not enough memory.
void* allocate_pages(size_t bytes);
void free_pages(void* data);

// Uninitialised. Movable. Item is a plain number.
template <typename Item>
class LargeArray {
 public:
  static_assert(std::is_trivially_copyable_v<Item>);

  LargeArray() = default;
  explicit LargeArray(size_t size)
      : data_(static_cast<Item*>(allocate_pages(size * sizeof(Item)))), size_(size) {}
  ~LargeArray() { free_pages(data_); }
  LargeArray(LargeArray&& other) noexcept
      : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}
  LargeArray& operator=(LargeArray&& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    return *this;
  }

  Item* data() const { return data_; }
  size_t size() const { return size_; }
  Item& operator[](size_t i) const { return data_[i]; }
  std::span<Item> span() const { return {data_, size_}; }

 private:
  Item* data_ = nullptr;
  size_t size_ = 0;
};

}  // namespace aurora::megatron
