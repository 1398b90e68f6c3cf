#include <cuda_runtime_api.h>
#include <fmt/format.h>

#include "aurora/base/error.h"
#include "aurora/device/cuda.h"

namespace aurora::device {
namespace {

void check_cuda(cudaError_t status, const char* doing) {
  if (status == cudaSuccess) return;
  std::string remedy = "see nvidia-smi; use the CPU if there is no GPU";
  if (status == cudaErrorMemoryAllocation) remedy = "use a smaller model or leaf, or a GPU with more memory";
  throw Error(fmt::format("{}: {}", doing, cudaGetErrorString(status)), "CUDA", remedy);
}

cudaStream_t raw(const Stream& stream) {
  return static_cast<cudaStream_t>(stream.cuda);
}

}  // namespace

int cuda_device_count() {
  int count = 0;
  if (cudaGetDeviceCount(&count) == cudaSuccess) return count;
  (void)cudaGetLastError();  // no driver or no GPU is an answer, not a sticky failure
  return 0;
}

std::string cuda_description() {
  if (cuda_device_count() == 0) return "no GPU: CUDA finds no device";
  cudaDeviceProp properties{};
  int device = 0;
  check_cuda(cudaGetDevice(&device), "asking for the current GPU");
  check_cuda(cudaGetDeviceProperties(&properties, device), "asking for the GPU's properties");
  return fmt::format("{}, {:.1f} GiB", properties.name,
                     static_cast<double>(properties.totalGlobalMem) / (1 << 30));
}

void* cuda_alloc(size_t bytes) {
  void* data = nullptr;
  check_cuda(cudaMalloc(&data, bytes), "allocating GPU memory");
  cudaError_t status = cudaMemset(data, 0, bytes);
  // cudaMemset may return early, and streams of ours do not wait for the default stream.
  if (status == cudaSuccess) status = cudaStreamSynchronize(nullptr);
  if (status != cudaSuccess) {
    cudaFree(data);
    check_cuda(status, "clearing GPU memory");
  }
  return data;
}

void cuda_free(void* data) {
  cudaFree(data);
}

void cuda_copy(void* to, const void* from, size_t bytes, const Stream& stream) {
  check_cuda(cudaMemcpyAsync(to, from, bytes, cudaMemcpyDefault, raw(stream)), "copying to or from the GPU");
  check_cuda(cudaStreamSynchronize(raw(stream)), "copying to or from the GPU");
}

Stream cuda_stream_create(Pool& pool) {
  cudaStream_t stream = nullptr;
  check_cuda(cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking), "creating a CUDA stream");
  return {Kind::kCuda, &pool, stream};
}

void cuda_stream_destroy(Stream& stream) {
  if (stream.cuda != nullptr) cudaStreamDestroy(raw(stream));
  stream.cuda = nullptr;
}

void cuda_stream_sync(const Stream& stream) {
  check_cuda(cudaStreamSynchronize(raw(stream)), "waiting for the GPU");
}

}  // namespace aurora::device
