// Memory that a thread keeps between calls, so that a kernel's buffers are not mapped anew each time. Use as
// a thread_local of the function that needs it; the contents do not survive the next get().
#pragma once

#include <cstddef>
#include <memory>
#include <new>

namespace aurora::kernels::cpu {

template <typename T>
class Scratch {
 public:
  // `count` elements on a cache line's boundary, not initialised.
  T* get(size_t count) {
    if (count > capacity_) {
      data_.reset();
      data_.reset(static_cast<T*>(::operator new(count * sizeof(T), kAlignment)));
      capacity_ = count;
    }
    return data_.get();
  }

 private:
  static constexpr std::align_val_t kAlignment{64};
  struct Free {
    void operator()(T* data) const { ::operator delete(data, kAlignment); }
  };
  std::unique_ptr<T, Free> data_;
  size_t capacity_ = 0;
};

}  // namespace aurora::kernels::cpu
