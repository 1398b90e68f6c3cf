// Built without CUDA: no device, and everything that needs one says so.
#include "aurora/base/error.h"
#include "aurora/device/cuda.h"

namespace aurora::device {
namespace {

[[noreturn]] void no_cuda() {
  throw Error("this program was built without CUDA", "", "use the CPU, or build where nvcc is installed");
}

}  // namespace

int cuda_device_count() {
  return 0;
}
std::string cuda_description() {
  return "no GPU: built without CUDA";
}
void* cuda_alloc(size_t) {
  no_cuda();
}
void cuda_free(void*) {}
void cuda_copy(void*, const void*, size_t, const Stream&) {
  no_cuda();
}
Stream cuda_stream_create(Pool&) {
  no_cuda();
}
void cuda_stream_destroy(Stream&) {}
void cuda_stream_sync(const Stream&) {
  no_cuda();
}

}  // namespace aurora::device
