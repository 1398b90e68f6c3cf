#include "aurora/megatron/large_array.h"

#include <sys/mman.h>

#include <cerrno>
#include <cstdlib>

#include <fmt/format.h>

#include "aurora/base/error.h"

namespace aurora::megatron {

namespace {

constexpr size_t kHugePage = size_t{2} << 20;

}  // namespace

void* allocate_pages(size_t bytes) {
  if (bytes == 0) return nullptr;
  const size_t alignment = bytes < kHugePage ? 64 : kHugePage;
  void* const data = std::aligned_alloc(alignment, (bytes + alignment - 1) / alignment * alignment);
  if (data == nullptr) {
    throw Error(fmt::format("not enough memory for an index of {} bytes", bytes), "",
                "use a machine with more memory, fewer threads, or fewer samples");
  }
  if (alignment == kHugePage) ::madvise(data, bytes, MADV_HUGEPAGE);  // a hint: failing costs time only
  return data;
}

void free_pages(void* data) {
  std::free(data);
}

}  // namespace aurora::megatron
