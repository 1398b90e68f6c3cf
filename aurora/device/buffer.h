// A buffer: a piece of memory that someone owns. Views look into it and must not outlive it.
#pragma once

#include <cstddef>
#include <initializer_list>

#include "aurora/device/stream.h"
#include "aurora/device/view.h"

namespace aurora::device {

class Buffer {
 public:
  static constexpr size_t kAlignment = 64;
  // From this size on CPU memory starts on a 2 MiB boundary, may use huge pages, and is touched only when
  // used.
  static constexpr size_t kLarge = size_t{4} << 20;

  Buffer() = default;  // owns nothing
  // `bytes` of zeros. Error when there is no memory, or for kCuda when there is no GPU or no CUDA.
  explicit Buffer(size_t bytes, Kind kind = Kind::kCpu);
  ~Buffer();
  Buffer(Buffer&& other) noexcept;
  Buffer& operator=(Buffer&& other) noexcept;
  Buffer(const Buffer&) = delete;
  Buffer& operator=(const Buffer&) = delete;

  void* data() const { return data_; }
  size_t size() const { return size_; }  // bytes
  Kind kind() const { return kind_; }
  bool empty() const { return data_ == nullptr; }

  // The first elements of the buffer as `shape`; the next one starts at byte_offset, which must fit the
  // dtype.
  View view(DType dtype, std::initializer_list<int64_t> shape, size_t byte_offset = 0) const;

 private:
  void release();

  void* data_ = nullptr;
  size_t size_ = 0;
  Kind kind_ = Kind::kCpu;
};

// Copies all elements between contiguous views of one dtype and number of elements, on any pair of devices;
// done when the call returns. Work queued on `stream` before is waited for.
void copy(const Stream& stream, const View& from, const View& to);

}  // namespace aurora::device
