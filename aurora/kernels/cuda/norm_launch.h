// RMSNorm on device pointers: what norm.cu (compiled by nvcc, which cannot read our host headers) offers to
// norm_cuda.cpp. T: float or uint16_t, the bits of bf16. Queued on the stream, a cudaStream_t. Returns
// nullptr, or why the kernel could not be started.
#pragma once

#include <cstdint>

namespace aurora::kernels::cuda {

template <typename T>
struct Rows {
  T* data;
  int64_t stride;  // elements from row to row
};

struct NormShape {
  int64_t rows, width;
};

template <typename T>
struct NormForward {
  Rows<const T> x;  // [rows, width]
  const T* weight;  // [width]
  float epsilon;
  Rows<T> out;     // [rows, width]
  float* inv_rms;  // [rows]
};
template <typename T>
struct NormBackwardInput {
  Rows<const T> d_out, x;  // [rows, width]
  const T* weight;         // [width]
  const float* inv_rms;    // [rows]
  Rows<T> d_x;             // [rows, width]
};
template <typename T>
struct NormBackwardWeight {
  Rows<const T> d_out, x;  // [rows, width]
  const float* inv_rms;    // [rows]
  float* d_weight;         // [width], added to
};

template <typename T>
const char* launch(void* stream, NormShape shape, const NormForward<T>& call);
template <typename T>
const char* launch(void* stream, NormShape shape, const NormBackwardInput<T>& call);
template <typename T>
const char* launch(void* stream, NormShape shape, const NormBackwardWeight<T>& call);

}  // namespace aurora::kernels::cuda
