// Where and with what a kernel runs. On the CPU a stream is a thread pool; work is done when the call
// returns. On CUDA it is a cudaStream_t. Passed explicitly to every kernel; strands in flight each have their
// own.
#pragma once

#include "aurora/base/threads.h"
#include "aurora/device/view.h"

namespace aurora::device {

struct Stream {
  Kind kind = Kind::kCpu;
  Pool* pool = nullptr;  // CPU: never null
  void* cuda = nullptr;  // cudaStream_t

  static Stream cpu(Pool& pool) { return {Kind::kCpu, &pool, nullptr}; }
};

}  // namespace aurora::device
