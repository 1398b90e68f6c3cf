// A bump allocator for the activations of one leaf. The first leaf shows how much is needed; from the second
// on everything lies in one buffer that is never given back. Under AddressSanitizer, memory that is not
// allocated is poisoned.
//
// Not thread-safe: every strand in flight has its own.
#pragma once

#include <cstddef>
#include <map>
#include <vector>

#include "aurora/device/buffer.h"
#include "aurora/tensor/tensor.h"

namespace aurora::tensor {

class Arena {
 public:
  explicit Arena(device::Kind kind = device::Kind::kCpu) : kind_(kind) {}
  ~Arena();
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;

  // Contiguous, aligned to 64 bytes, contents undefined. Lives until recycle(), reset() or rewind() past it.
  Tensor allocate(DType dtype, std::initializer_list<int64_t> shape);
  Tensor allocate_like(const View& view);

  // Gives one tensor back before the others; the next allocation of the same size takes its place.
  void recycle(const Tensor& tensor);

  // Forgets everything. One buffer of the largest size seen is kept.
  void reset();

  // A place to rewind to: everything allocated after it is forgotten. Nothing may be recycled that was
  // allocated before the mark.
  struct Mark {
    size_t chunk = 0;
    size_t used = 0;
  };
  Mark mark() const;
  void rewind(Mark mark);

  size_t peak_bytes() const { return peak_; }
  device::Kind kind() const { return kind_; }

 private:
  struct Chunk {
    device::Buffer buffer;
    size_t used = 0;
  };
  void* take(size_t bytes);
  void add_chunk(size_t bytes);
  void poison(void* data, size_t size) const;
  void unpoison(void* data, size_t size) const;
  size_t used_bytes() const;

  device::Kind kind_;
  std::vector<Chunk> chunks_;
  size_t current_ = 0;
  std::map<size_t, std::vector<void*>> free_;  // by size
  size_t peak_ = 0;
};

}  // namespace aurora::tensor
