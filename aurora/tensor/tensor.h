// A tensor: a view and the arena it came from. A plain value; copying it copies no elements. Who allocated an
// activation may give it back early (Arena::recycle); parameters and inputs have no arena and are never given
// back.
#pragma once

#include "aurora/device/view.h"

namespace aurora::tensor {

using device::DType;
using device::View;

class Arena;

struct Tensor {
  View view;
  Arena* arena = nullptr;  // null: not ours to recycle
};

// Elements [begin, end) of a flat arena.
struct Range {
  int64_t begin = 0;
  int64_t end = 0;
  bool operator==(const Range&) const = default;
};

}  // namespace aurora::tensor
