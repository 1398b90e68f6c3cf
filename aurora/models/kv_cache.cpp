#include "aurora/models/kv_cache.h"

namespace aurora::models {

KvCache::KvCache(const plan::ModelShape& shape, device::DType act, int64_t sequences, int64_t capacity,
                 device::Kind kind)
    : sequences_(sequences), capacity_(capacity) {
  AURORA_CHECK(sequences > 0 && capacity > 0);
  int64_t elements = sequences * capacity * shape.kv_heads * shape.head_size;
  size_t bytes = static_cast<size_t>(elements) * dtype_size(act);
  buffer_ = device::Buffer(static_cast<size_t>(2 * shape.layers) * bytes, kind);
  auto next = [&, used = size_t{0}]() mutable {
    void* data = static_cast<char*>(buffer_.data()) + used;
    used += bytes;
    return device::View::contiguous(data, act, {sequences, capacity, shape.kv_heads, shape.head_size}, kind);
  };
  for (int64_t layer = 0; layer < shape.layers; ++layer) {
    autograd::KeyValues key_values;
    key_values.k = next();
    key_values.v = next();
    layers_.push_back(key_values);
  }
}

void KvCache::truncate(int64_t length) {
  AURORA_CHECK(length >= 0 && length <= length_);
  length_ = length;
}

void KvCache::append(int64_t tokens) {
  AURORA_CHECK_LE(length_ + tokens, capacity_);
  length_ += tokens;
}

autograd::KeyValues KvCache::layer(int64_t index) const {
  autograd::KeyValues layer = layers_[static_cast<size_t>(index)];
  layer.seen = length_;
  return layer;
}

}  // namespace aurora::models
