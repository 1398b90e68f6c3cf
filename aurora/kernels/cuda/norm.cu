#include <cuda_bf16.h>
#include <cuda_runtime.h>

#include "aurora/kernels/cuda/norm_launch.h"

namespace aurora::kernels::cuda {
namespace {

constexpr int kThreads = 256;   // per row; part of the result, as it orders the sums
constexpr int kColumns = 32;    // of the weight gradient, per block
constexpr int kRowBlock = 128;  // rows summed before they join d_weight; part of the result

__device__ float get(const float* from) {
  return *from;
}
__device__ float get(const uint16_t* from) {
  return __bfloat162float(__ushort_as_bfloat16(*from));
}
__device__ void put(float* to, float x) {
  *to = x;
}
__device__ void put(uint16_t* to, float x) {
  *to = __bfloat16_as_ushort(__float2bfloat16_rn(x));
}

// Sum over the block along a fixed tree; every thread gets it. Once per kernel.
__device__ float block_sum(float x) {
  __shared__ float warps[kThreads / 32];
  for (int step = 16; step > 0; step /= 2) x += __shfl_xor_sync(~0u, x, step);
  if (threadIdx.x % 32 == 0) warps[threadIdx.x / 32] = x;
  __syncthreads();
  float total = 0;
  for (int i = 0; i < kThreads / 32; ++i) total += warps[i];
  return total;
}

// One block per row.
template <typename T>
__global__ void forward(NormForward<T> call, int64_t width) {
  const int64_t r = blockIdx.x;
  const T* x = call.x.data + r * call.x.stride;
  T* out = call.out.data + r * call.out.stride;
  float squares = 0;
  for (int64_t c = threadIdx.x; c < width; c += kThreads) squares += get(x + c) * get(x + c);
  const float scale = 1.0f / sqrtf(block_sum(squares) / static_cast<float>(width) + call.epsilon);
  if (threadIdx.x == 0) call.inv_rms[r] = scale;
  for (int64_t c = threadIdx.x; c < width; c += kThreads)
    put(out + c, get(x + c) * scale * get(call.weight + c));
}

// One block per row.
template <typename T>
__global__ void backward_input(NormBackwardInput<T> call, int64_t width) {
  const int64_t r = blockIdx.x;
  const T* d_out = call.d_out.data + r * call.d_out.stride;
  const T* x = call.x.data + r * call.x.stride;
  T* d_x = call.d_x.data + r * call.d_x.stride;
  float dot = 0;
  for (int64_t c = threadIdx.x; c < width; c += kThreads)
    dot += get(d_out + c) * get(call.weight + c) * get(x + c);
  const float s = call.inv_rms[r];
  const float pull = s * s * s * (block_sum(dot) / static_cast<float>(width));
  for (int64_t c = threadIdx.x; c < width; c += kThreads)
    put(d_x + c, s * (get(d_out + c) * get(call.weight + c)) - pull * get(x + c));
}

// One thread per column, rows in order.
template <typename T>
__global__ void backward_weight(NormBackwardWeight<T> call, NormShape shape) {
  const int64_t c = static_cast<int64_t>(blockIdx.x) * kColumns + threadIdx.x;
  if (c >= shape.width) return;
  const T* d_out = call.d_out.data + c;
  const T* x = call.x.data + c;
  float total = call.d_weight[c];
  for (int64_t block = 0; block < shape.rows; block += kRowBlock) {
    const int64_t end = block + kRowBlock < shape.rows ? block + kRowBlock : shape.rows;
    float sum = 0;
    for (int64_t r = block; r < end; ++r)
      sum += get(d_out + r * call.d_out.stride) * (get(x + r * call.x.stride) * call.inv_rms[r]);
    total += sum;
  }
  call.d_weight[c] = total;
}

const char* launch_result() {
  const cudaError_t status = cudaGetLastError();
  return status == cudaSuccess ? nullptr : cudaGetErrorString(status);
}

}  // namespace

template <typename T>
const char* launch(void* stream, NormShape shape, const NormForward<T>& call) {
  forward<<<static_cast<unsigned>(shape.rows), kThreads, 0, static_cast<cudaStream_t>(stream)>>>(call,
                                                                                                 shape.width);
  return launch_result();
}

template <typename T>
const char* launch(void* stream, NormShape shape, const NormBackwardInput<T>& call) {
  backward_input<<<static_cast<unsigned>(shape.rows), kThreads, 0, static_cast<cudaStream_t>(stream)>>>(
      call, shape.width);
  return launch_result();
}

template <typename T>
const char* launch(void* stream, NormShape shape, const NormBackwardWeight<T>& call) {
  const auto blocks = static_cast<unsigned>((shape.width + kColumns - 1) / kColumns);
  backward_weight<<<blocks, kColumns, 0, static_cast<cudaStream_t>(stream)>>>(call, shape);
  return launch_result();
}

template const char* launch(void*, NormShape, const NormForward<float>&);
template const char* launch(void*, NormShape, const NormForward<uint16_t>&);
template const char* launch(void*, NormShape, const NormBackwardInput<float>&);
template const char* launch(void*, NormShape, const NormBackwardInput<uint16_t>&);
template const char* launch(void*, NormShape, const NormBackwardWeight<float>&);
template const char* launch(void*, NormShape, const NormBackwardWeight<uint16_t>&);

}  // namespace aurora::kernels::cuda
