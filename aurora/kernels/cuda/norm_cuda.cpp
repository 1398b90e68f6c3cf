// Checks the views and hands their pointers to norm.cu.
#include <string>
#include <type_traits>

#include "aurora/base/error.h"
#include "aurora/kernels/act.h"
#include "aurora/kernels/cuda/norm.h"
#include "aurora/kernels/cuda/norm_launch.h"

namespace aurora::kernels::cuda {
namespace {

// bf16 crosses to nvcc as its bits.
template <typename T>
using DeviceType = std::conditional_t<std::is_same_v<T, bf16>, uint16_t, T>;

template <typename T>
DeviceType<T>* pointer(const View& view) {
  return reinterpret_cast<DeviceType<T>*>(view.as<T>());
}
template <typename T>
Rows<DeviceType<T>> rows_of(const View& view) {
  return {pointer<T>(view), view.stride(0)};
}
template <typename T>
Rows<const DeviceType<T>> const_rows_of(const View& view) {
  return {pointer<T>(view), view.stride(0)};
}

void check_launch(const char* failure) {
  if (failure != nullptr)
    throw Error(std::string("a CUDA kernel could not be started: ") + failure, "rmsnorm", "see nvidia-smi");
}

}  // namespace

void rmsnorm_forward(const Stream& stream, View x, View weight, float epsilon, View out, View inv_rms) {
  const NormShape shape{x.dim(0), x.dim(1)};
  check_matrix(x, out.dtype, shape.rows, shape.width);
  check_matrix(out, out.dtype, shape.rows, shape.width);
  check_vector(weight, out.dtype, shape.width);
  check_vector(inv_rms, DType::kF32, shape.rows);
  if (shape.rows == 0) return;
  for_act(out.dtype, [&](auto zero) {
    using T = decltype(zero);
    const NormForward<DeviceType<T>> call{const_rows_of<T>(x), pointer<T>(weight), epsilon, rows_of<T>(out),
                                          inv_rms.as<float>()};
    check_launch(launch(stream.cuda, shape, call));
  });
}

void rmsnorm_backward_input(const Stream& stream, View d_out, View x, View weight, View inv_rms, View d_x) {
  const NormShape shape{x.dim(0), x.dim(1)};
  check_matrix(d_out, x.dtype, shape.rows, shape.width);
  check_matrix(d_x, x.dtype, shape.rows, shape.width);
  check_vector(weight, x.dtype, shape.width);
  check_vector(inv_rms, DType::kF32, shape.rows);
  if (shape.rows == 0) return;
  for_act(x.dtype, [&](auto zero) {
    using T = decltype(zero);
    const NormBackwardInput<DeviceType<T>> call{const_rows_of<T>(d_out), const_rows_of<T>(x),
                                                pointer<T>(weight), inv_rms.as<float>(), rows_of<T>(d_x)};
    check_launch(launch(stream.cuda, shape, call));
  });
}

void rmsnorm_backward_weight(const Stream& stream, View d_out, View x, View inv_rms, View d_weight) {
  const NormShape shape{x.dim(0), x.dim(1)};
  check_matrix(d_out, x.dtype, shape.rows, shape.width);
  check_vector(inv_rms, DType::kF32, shape.rows);
  check_vector(d_weight, DType::kF32, shape.width);
  if (shape.rows == 0 || shape.width == 0) return;
  for_act(x.dtype, [&](auto zero) {
    using T = decltype(zero);
    const NormBackwardWeight<DeviceType<T>> call{const_rows_of<T>(d_out), const_rows_of<T>(x),
                                                 inv_rms.as<float>(), d_weight.as<float>()};
    check_launch(launch(stream.cuda, shape, call));
  });
}

}  // namespace aurora::kernels::cuda
