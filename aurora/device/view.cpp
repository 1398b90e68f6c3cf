#include "aurora/device/view.h"

namespace aurora::device {
namespace {

void set_contiguous(View& view, std::initializer_list<int64_t> shape) {
  AURORA_CHECK_LE(shape.size(), static_cast<size_t>(kMaxRank));
  view.rank = static_cast<int>(shape.size());
  view.shape = {};
  view.strides = {};
  int axis = 0;
  for (int64_t extent : shape) {
    AURORA_CHECK_GE(extent, 0);
    view.shape[axis++] = extent;
  }
  int64_t stride = 1;
  for (axis = view.rank - 1; axis >= 0; --axis) {
    view.strides[axis] = stride;
    stride *= view.shape[axis];
  }
}

}  // namespace

View View::contiguous(void* data, DType dtype, std::initializer_list<int64_t> shape, Kind kind) {
  View view;
  view.data = data;
  view.dtype = dtype;
  view.kind = kind;
  set_contiguous(view, shape);
  return view;
}

int64_t View::elements() const {
  int64_t count = 1;
  for (int axis = 0; axis < rank; ++axis) count *= shape[axis];
  return data == nullptr ? 0 : count;
}

bool View::is_contiguous() const {
  int64_t stride = 1;
  for (int axis = rank - 1; axis >= 0; --axis) {
    if (shape[axis] != 1 && strides[axis] != stride) return false;
    stride *= shape[axis];
  }
  return true;
}

View View::reshaped(std::initializer_list<int64_t> shape) const {
  AURORA_CHECK(is_contiguous(), "only a contiguous view can be reshaped");
  View result = *this;
  set_contiguous(result, shape);
  AURORA_CHECK_EQ(result.elements(), elements());
  return result;
}

View View::rows(int64_t begin, int64_t count) const {
  AURORA_CHECK_GE(rank, 1);
  AURORA_CHECK(begin >= 0 && count >= 0 && begin + count <= shape[0], "rows [{}, {}) of {}", begin,
               begin + count, shape[0]);
  View result = *this;
  result.data = static_cast<char*>(data) + begin * strides[0] * static_cast<int64_t>(dtype_size(dtype));
  result.shape[0] = count;
  return result;
}

}  // namespace aurora::device
