#include "aurora/models/paged_cache.h"

#include <cstring>

namespace aurora::models {
namespace {

kernels::PageShape page_shape(const plan::ModelShape& shape, device::DType act, kernels::PageFormat format) {
  return {shape.kv_heads, shape.head_size, act, format};
}

}  // namespace

size_t PagedCache::page_bytes(const kernels::Kernels& kernels, const plan::ModelShape& shape,
                              device::DType act, kernels::PageFormat format) {
  return static_cast<size_t>(shape.layers * kernels.page_bytes(page_shape(shape, act, format)));
}

PagedCache::PagedCache(const kernels::Kernels& kernels, const plan::ModelShape& shape,
                       const PagedCacheSettings& settings)
    : kernels_(kernels),
      shape_(page_shape(shape, settings.act, settings.format)),
      page_bytes_(page_bytes(kernels, shape, settings.act, settings.format)) {
  layer_bytes_ = page_bytes_ / static_cast<size_t>(shape.layers);
  const size_t pages = std::max<size_t>(1, settings.memory_bytes / page_bytes_);
  buffer_ = device::Buffer(pages * page_bytes_);
  references_.assign(pages, 0);
  for (size_t page = pages; page-- > 0;) free_.push_back(static_cast<int32_t>(page));
}

std::optional<int32_t> PagedCache::allocate() {
  if (free_.empty()) return std::nullopt;
  const int32_t page = free_.back();
  free_.pop_back();
  references_[static_cast<size_t>(page)] = 1;
  return page;
}

void PagedCache::retain(int32_t page) {
  AURORA_CHECK(references(page) > 0, "page {} is free", page);
  ++references_[static_cast<size_t>(page)];
}

void PagedCache::release(int32_t page) {
  AURORA_CHECK(references(page) > 0, "page {} is free", page);
  if (--references_[static_cast<size_t>(page)] == 0) free_.push_back(page);
}

int64_t PagedCache::references(int32_t page) const {
  AURORA_CHECK(page >= 0 && page < pages(), "page {} of {}", page, pages());
  return references_[static_cast<size_t>(page)];
}

void PagedCache::copy(int32_t from, int32_t to) {
  AURORA_CHECK(references(from) > 0 && references(to) == 1, "copy of page {} to {}", from, to);
  char* data = static_cast<char*>(buffer_.data());
  std::memcpy(data + static_cast<size_t>(to) * page_bytes_, data + static_cast<size_t>(from) * page_bytes_,
              page_bytes_);
}

kernels::PageStore PagedCache::layer(int64_t index) const {
  char* data = static_cast<char*>(buffer_.data()) + static_cast<size_t>(index) * layer_bytes_;
  return {shape_, data, static_cast<int64_t>(page_bytes_)};
}

}  // namespace aurora::models
