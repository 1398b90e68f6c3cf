#include "aurora/device/buffer.h"

#include <sys/mman.h>

#include <cstdlib>
#include <cstring>
#include <utility>

#include "aurora/base/error.h"
#include "aurora/device/cuda.h"

namespace aurora::device {
namespace {

constexpr size_t kHugePage = size_t{2} << 20;

size_t round_up(size_t size, size_t unit) {
  return (size + unit - 1) / unit * unit;
}

[[noreturn]] void no_memory(size_t bytes) {
  throw Error(fmt::format("no memory for {} bytes", bytes), "",
              "use a smaller model or leaf, or more memory");
}

// Fresh pages are zero. Maps a huge page more than needed and gives the ends back, to start on a boundary.
void* map_large(size_t bytes) {
  size_t size = round_up(bytes, kHugePage);
  size_t mapped = size + kHugePage;
  void* raw = mmap(nullptr, mapped, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (raw == MAP_FAILED) no_memory(bytes);
  auto begin = reinterpret_cast<uintptr_t>(raw);
  uintptr_t aligned = round_up(begin, kHugePage);
  if (aligned > begin) munmap(raw, aligned - begin);
  size_t tail = begin + mapped - (aligned + size);
  if (tail > 0) munmap(reinterpret_cast<void*>(aligned + size), tail);
  void* data = reinterpret_cast<void*>(aligned);
  madvise(data, size, MADV_HUGEPAGE);  // a wish: where it is refused the memory is only slower
  return data;
}

void* allocate(size_t bytes, Kind kind) {
  if (kind == Kind::kCuda) return cuda_alloc(bytes);
  if (bytes >= Buffer::kLarge) return map_large(bytes);
  void* data = std::aligned_alloc(Buffer::kAlignment, round_up(bytes, Buffer::kAlignment));
  if (data == nullptr) no_memory(bytes);
  std::memset(data, 0, bytes);
  return data;
}

}  // namespace

Buffer::Buffer(size_t bytes, Kind kind) : size_(bytes), kind_(kind) {
  if (bytes > 0) data_ = allocate(bytes, kind);
}

Buffer::~Buffer() {
  release();
}

void Buffer::release() {
  if (data_ == nullptr) return;
  if (kind_ == Kind::kCuda)
    cuda_free(data_);
  else if (size_ >= kLarge)
    munmap(data_, round_up(size_, kHugePage));
  else
    std::free(data_);
  data_ = nullptr;
  size_ = 0;
}

Buffer::Buffer(Buffer&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)), kind_(other.kind_) {}

Buffer& Buffer::operator=(Buffer&& other) noexcept {
  if (this == &other) return *this;
  release();
  data_ = std::exchange(other.data_, nullptr);
  size_ = std::exchange(other.size_, 0);
  kind_ = other.kind_;
  return *this;
}

View Buffer::view(DType dtype, std::initializer_list<int64_t> shape, size_t byte_offset) const {
  AURORA_CHECK_EQ(byte_offset % dtype_size(dtype), size_t{0});
  View view = View::contiguous(static_cast<char*>(data_) + byte_offset, dtype, shape, kind_);
  AURORA_CHECK_LE(byte_offset + view.bytes(), size_);
  return view;
}

void copy(const Stream& stream, const View& from, const View& to) {
  AURORA_CHECK(from.dtype == to.dtype && from.elements() == to.elements(), "copy between unequal views");
  AURORA_CHECK(from.is_contiguous() && to.is_contiguous(), "copy of a view with gaps");
  if (from.bytes() == 0) return;
  if (from.kind == Kind::kCpu && to.kind == Kind::kCpu)
    std::memcpy(to.data, from.data, from.bytes());
  else
    cuda_copy(to.data, from.data, from.bytes(), stream);
}

}  // namespace aurora::device
