// The keys and values of all sequences being served, in pages of kernels::kPageTokens tokens. A page is one
// number: it holds those tokens' keys and values of every layer. Who allocates a page holds one reference;
// sequences with a common beginning share its pages by retain(); at no reference a page is free again.
//
// Not thread-safe: belongs to the thread that runs the model.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "aurora/device/buffer.h"
#include "aurora/kernels/kernels.h"
#include "aurora/plan/shape.h"

namespace aurora::models {

struct PagedCacheSettings {
  device::DType act = device::DType::kBF16;
  kernels::PageFormat format = kernels::PageFormat::kAct;
  size_t memory_bytes = 0;  // budget; at least one page is made
};

class PagedCache {
 public:
  // `kernels` decides on the form of a page and must be those of every step; they must outlive the cache.
  // Memory is touched only when a page is used. Error when there is no memory.
  PagedCache(const kernels::Kernels& kernels, const plan::ModelShape& shape,
             const PagedCacheSettings& settings);

  static size_t page_bytes(const kernels::Kernels& kernels, const plan::ModelShape& shape, device::DType act,
                           kernels::PageFormat format);

  int64_t pages() const { return static_cast<int64_t>(references_.size()); }
  int64_t free_pages() const { return static_cast<int64_t>(free_.size()); }
  size_t page_bytes() const { return page_bytes_; }  // of all layers

  // A page with one reference and undefined contents; nothing when all are taken.
  std::optional<int32_t> allocate();
  void retain(int32_t page);
  void release(int32_t page);
  int64_t references(int32_t page) const;
  // Contents of `from` into `to`, for a sequence that goes its own way within a page.
  void copy(int32_t from, int32_t to);

  // For the model.
  const kernels::Kernels& kernels() const { return kernels_; }
  kernels::PageStore layer(int64_t index) const;

 private:
  const kernels::Kernels& kernels_;
  kernels::PageShape shape_;
  size_t layer_bytes_ = 0;  // of one page
  size_t page_bytes_ = 0;
  device::Buffer buffer_;
  std::vector<int32_t> references_;  // per page
  std::vector<int32_t> free_;        // the next to be taken last
};

}  // namespace aurora::models
