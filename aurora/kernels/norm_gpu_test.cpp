// RMSNorm on the GPU against the reference. Says that it was skipped where there is none.
#include "aurora/device/cuda.h"
#include "aurora/kernels/testing.h"

namespace aurora::kernels {
namespace {

constexpr float kEpsilon = 1e-5f;

class RmsNormGpu : public testing::Test {
 protected:
  void SetUp() override {
    if (device::cuda_device_count() == 0) GTEST_SKIP() << device::cuda_description();
    stream_ = device::cuda_stream_create(Pool::serial());
  }
  void TearDown() override { device::cuda_stream_destroy(stream_); }

  Stream stream_;
};

// A copy of an array on the GPU.
struct OnGpu {
  Buffer buffer;
  View view;

  OnGpu(const Stream& stream, const Array& array) : buffer(array.view().bytes(), device::Kind::kCuda) {
    view = array.view();
    view.data = buffer.data();
    view.kind = device::Kind::kCuda;
    device::copy(stream, array, view);
  }
};

TEST_F(RmsNormGpu, AgreesWithReferenceOnAwkwardSizes) {
  for (DType dtype : {DType::kF32, DType::kBF16}) {
    for (int64_t rows : {1, 3, 130}) {
      for (int64_t width : {1, 7, 65, 300, 1025}) {
        Array x = Array::random(dtype, {rows, width}, 1), weight = Array::random(dtype, {width}, 2);
        Array d_out = Array::random(dtype, {rows, width}, 3), out(dtype, {rows, width}), d_x = out.clone();
        Array inv_rms(DType::kF32, {rows}), d_weight = Array::random(DType::kF32, {width}, 4);
        OnGpu gx(stream_, x), gw(stream_, weight), gd(stream_, d_out), gout(stream_, out), gdx(stream_, d_x),
            ginv(stream_, inv_rms), gdw(stream_, d_weight);
        const Kernels &gpu = kernels_for(device::Kind::kCuda), &truth = reference_kernels();
        gpu.rmsnorm_forward(stream_, gx.view, gw.view, kEpsilon, gout.view, ginv.view);
        gpu.rmsnorm_backward_input(stream_, gd.view, gx.view, gw.view, ginv.view, gdx.view);
        gpu.rmsnorm_backward_weight(stream_, gd.view, gx.view, ginv.view, gdw.view);
        truth.rmsnorm_forward(serial_stream(), x, weight, kEpsilon, out, inv_rms);
        truth.rmsnorm_backward_input(serial_stream(), d_out, x, weight, inv_rms, d_x);
        truth.rmsnorm_backward_weight(serial_stream(), d_out, x, inv_rms, d_weight);
        const auto compare = [&](const OnGpu& result, const Array& expected, double absolute,
                                 const char* what) {
          Array host = expected.clone();
          device::copy(stream_, result.view, host);
          expect_close(host, expected, 1e-5, absolute, fmt::format("{} {}x{}", what, rows, width));
        };
        compare(gout, out, 1e-7, "out");
        compare(ginv, inv_rms, 0, "inv_rms");
        compare(gdx, d_x, dtype == DType::kF32 ? 1e-5 : 1e-2, "d_x");
        compare(gdw, d_weight, 1e-4, "d_weight");
      }
    }
  }
}

}  // namespace
}  // namespace aurora::kernels
