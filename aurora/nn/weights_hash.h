// The identity of a model's weights, independent of layout, fusing and device.
#pragma once

#include "aurora/base/hash.h"
#include "aurora/nn/parameters.h"

namespace aurora::nn {

// xxh3-128 over the logical tensors in name order: per tensor u64 name length, name, u64 rank, each dimension
// as i64, then the f32 master elements, all little-endian (docs/formats/weights-hash.md). master must be host
// memory.
Hash128 weights_hash(const ParameterLayout& layout, const View& master);

}  // namespace aurora::nn
