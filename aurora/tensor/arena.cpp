#include "aurora/tensor/arena.h"

#include <sanitizer/asan_interface.h>

#include <algorithm>

namespace aurora::tensor {
namespace {

constexpr size_t kFirstChunk = size_t{1} << 20;
constexpr size_t kAlignment = device::Buffer::kAlignment;
// Between any two tensors, so that AddressSanitizer sees a write past the end.
constexpr size_t kGap = kAlignment;

size_t slot_bytes(size_t bytes) {
  return (bytes + kAlignment - 1) / kAlignment * kAlignment + kGap;
}

}  // namespace

Arena::~Arena() {
  for (const Chunk& chunk : chunks_) unpoison(chunk.buffer.data(), chunk.buffer.size());
}

void Arena::poison(void* data, size_t size) const {
  if (kind_ == device::Kind::kCpu) ASAN_POISON_MEMORY_REGION(data, size);
}

void Arena::unpoison(void* data, size_t size) const {
  if (kind_ == device::Kind::kCpu) ASAN_UNPOISON_MEMORY_REGION(data, size);
}

void Arena::add_chunk(size_t bytes) {
  chunks_.push_back({device::Buffer(bytes, kind_), 0});
  poison(chunks_.back().buffer.data(), bytes);
}

void* Arena::take(size_t bytes) {
  auto waiting = free_.find(bytes);
  if (waiting != free_.end() && !waiting->second.empty()) {
    void* data = waiting->second.back();
    waiting->second.pop_back();
    return data;
  }
  while (current_ < chunks_.size() && chunks_[current_].used + bytes > chunks_[current_].buffer.size()) {
    ++current_;
  }
  if (current_ == chunks_.size()) {
    size_t last = chunks_.empty() ? kFirstChunk : 2 * chunks_.back().buffer.size();
    add_chunk(std::max(bytes, last));
  }
  Chunk& chunk = chunks_[current_];
  void* data = static_cast<char*>(chunk.buffer.data()) + chunk.used;
  chunk.used += bytes;
  peak_ = std::max(peak_, used_bytes());
  return data;
}

size_t Arena::used_bytes() const {
  size_t total = 0;
  for (size_t i = 0; i <= current_ && i < chunks_.size(); ++i) total += chunks_[i].used;
  return total;
}

Tensor Arena::allocate(DType dtype, std::initializer_list<int64_t> shape) {
  View view = View::contiguous(nullptr, dtype, shape, kind_);
  int64_t elements = 1;
  for (int64_t extent : shape) elements *= extent;
  size_t bytes = static_cast<size_t>(elements) * dtype_size(dtype);
  view.data = take(slot_bytes(bytes));
  unpoison(view.data, bytes);
  return {view, this};
}

Tensor Arena::allocate_like(const View& view) {
  switch (view.rank) {
    case 1:
      return allocate(view.dtype, {view.dim(0)});
    case 2:
      return allocate(view.dtype, {view.dim(0), view.dim(1)});
    case 3:
      return allocate(view.dtype, {view.dim(0), view.dim(1), view.dim(2)});
    default:
      AURORA_CHECK_EQ(view.rank, 4);
      return allocate(view.dtype, {view.dim(0), view.dim(1), view.dim(2), view.dim(3)});
  }
}

void Arena::recycle(const Tensor& tensor) {
  AURORA_CHECK(tensor.arena == this, "a tensor goes back to the arena it came from");
  size_t bytes = tensor.view.bytes();
  poison(tensor.view.data, bytes);
  free_[slot_bytes(bytes)].push_back(tensor.view.data);
}

void Arena::reset() {
  free_.clear();
  if (chunks_.size() > 1) {
    // All in one piece from now on, with the room that doubling left at the end not carried along.
    for (const Chunk& chunk : chunks_) unpoison(chunk.buffer.data(), chunk.buffer.size());
    chunks_.clear();
    add_chunk(peak_ + slot_bytes(0));
  }
  rewind({0, 0});
}

Arena::Mark Arena::mark() const {
  return {current_, current_ < chunks_.size() ? chunks_[current_].used : 0};
}

void Arena::rewind(Mark mark) {
  free_.clear();
  for (size_t i = mark.chunk; i < chunks_.size(); ++i) {
    size_t keep = i == mark.chunk ? mark.used : 0;
    Chunk& chunk = chunks_[i];
    poison(static_cast<char*>(chunk.buffer.data()) + keep, chunk.used - std::min(keep, chunk.used));
    chunk.used = keep;
  }
  current_ = mark.chunk;
}

}  // namespace aurora::tensor
