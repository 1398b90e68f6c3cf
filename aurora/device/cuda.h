// What we ask of a CUDA device, in plain types. Built without CUDA, the same functions are there: zero
// devices, and a clear Error from everything else. All calls are thread-safe.
#pragma once

#include <cstddef>
#include <string>

#include "aurora/device/stream.h"

namespace aurora::device {

// GPUs this process can use; 0 without CUDA, without a driver or without a GPU.
int cuda_device_count();
// "NVIDIA H200, 139.8 GiB", or why there is none. For messages.
std::string cuda_description();

// Device memory, zero-filled. cuda_free takes what cuda_alloc gave.
void* cuda_alloc(size_t bytes);
void cuda_free(void* data);
// Copies between host and device or within the device, after the work queued on `stream`; done on return.
void cuda_copy(void* to, const void* from, size_t bytes, const Stream& stream);

// A stream of its own, for work that may run beside other streams. `pool` serves the host side. Give it back
// with cuda_stream_destroy.
Stream cuda_stream_create(Pool& pool);
void cuda_stream_destroy(Stream& stream);
// Waits until all work queued on the stream is done; a kernel's failure shows here, as an Error.
void cuda_stream_sync(const Stream& stream);

// Waits for a stream of any kind: a CPU stream is always done.
inline void sync(const Stream& stream) {
  if (stream.kind == Kind::kCuda) cuda_stream_sync(stream);
}

}  // namespace aurora::device
