// Keys (already turned) and values of the tokens seen so far, contiguous per layer.
#pragma once

#include <cstdint>
#include <vector>

#include "aurora/autograd/ops.h"
#include "aurora/device/buffer.h"
#include "aurora/plan/shape.h"

namespace aurora::models {

class KvCache {
 public:
  // Room for `sequences` (B) sequences of at most `capacity` tokens, all of one length. Error when there is
  // no memory.
  KvCache(const plan::ModelShape& shape, device::DType act, int64_t sequences, int64_t capacity,
          device::Kind kind = device::Kind::kCpu);

  int64_t sequences() const { return sequences_; }
  int64_t capacity() const { return capacity_; }
  int64_t length() const { return length_; }
  // Forgets all tokens from `length` on.
  void truncate(int64_t length);
  void append(int64_t tokens);  // the model calls it after each forward
  autograd::KeyValues layer(int64_t index) const;

 private:
  device::Buffer buffer_;
  std::vector<autograd::KeyValues> layers_;
  int64_t sequences_ = 0;
  int64_t capacity_ = 0;
  int64_t length_ = 0;
};

}  // namespace aurora::models
