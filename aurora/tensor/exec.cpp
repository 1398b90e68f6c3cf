#include "aurora/tensor/exec.h"

#include <fmt/format.h>

#include <iterator>

#include "aurora/base/error.h"

namespace aurora::tensor {
namespace {

// In the order of the table (kernels/kernels.h), after its name.
constexpr const char* kEntries[] = {
    "gemm",
    "gemm_packed",
    "attention_forward",
    "attention_backward",
    "page_bytes",
    "paged_attention",
    "classifier",
    "embedding_forward",
    "embedding_backward",
    "rmsnorm_forward",
    "rmsnorm_backward_input",
    "rmsnorm_backward_weight",
    "rope",
    "swiglu_forward",
    "swiglu_backward",
    "bias_forward",
    "bias_backward",
    "add",
    "cast",
    "sum_squares",
    "adamw",
};
static_assert(sizeof(Kernels) == (1 + std::size(kEntries)) * sizeof(void*), "the table has changed: name it");

}  // namespace

void throw_missing_kernel(const Kernels& kernels, const void* entry) {
  const auto* first = reinterpret_cast<const char*>(&kernels) + sizeof(void*);
  auto index = static_cast<size_t>(static_cast<const char*>(entry) - first) / sizeof(void*);
  throw Error(fmt::format("the {} backend has no kernel {}", kernels.name, kEntries[index]), "",
              "run on the CPU");
}

View Exec::upload(const void* data, DType dtype, std::initializer_list<int64_t> shape) const {
  View host = View::contiguous(const_cast<void*>(data), dtype, shape);
  if (arena.kind() == device::Kind::kCpu) return host;
  Tensor copy = arena.allocate(dtype, shape);
  device::copy(stream, host, copy.view);
  return copy.view;
}

void Exec::download(const View& view, void* data) const {
  View host = view;
  host.data = data;
  host.kind = device::Kind::kCpu;
  device::copy(stream, view, host);
}

}  // namespace aurora::tensor
