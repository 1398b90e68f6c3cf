#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <limits>

#include "aurora/base/error.h"
#include "aurora/device/buffer.h"
#include "aurora/device/cuda.h"

namespace aurora::device {
namespace {

TEST(DType, SizesAndNames) {
  EXPECT_EQ(dtype_size(DType::kBF16), 2u);
  EXPECT_EQ(dtype_size(DType::kI64), 8u);
  EXPECT_EQ(dtype_name(DType::kBF16), "bf16");
  EXPECT_EQ(dtype_name(DType::kF32), "f32");
}

TEST(BF16, RoundsToNearestEven) {
  EXPECT_EQ(bf16(1.0f).bits, 0x3f80);
  EXPECT_EQ(bf16(1.0f + 0x1p-8f).bits, 0x3f80);            // a tie goes to the even neighbour, down here
  EXPECT_EQ(bf16(1.0f + 0x1p-7f + 0x1p-8f).bits, 0x3f82);  // and up here
  EXPECT_EQ(bf16(1.0f + 0x1.2p-8f).bits, 0x3f81);
  EXPECT_EQ(static_cast<float>(bf16(-2.5f)), -2.5f);
}

TEST(BF16, KeepsInfinityAndNan) {
  EXPECT_TRUE(std::isinf(static_cast<float>(bf16(std::numeric_limits<float>::infinity()))));
  EXPECT_TRUE(std::isinf(static_cast<float>(bf16(std::numeric_limits<float>::max()))));
  EXPECT_TRUE(std::isnan(static_cast<float>(bf16(std::numeric_limits<float>::quiet_NaN()))));
}

TEST(View, ContiguousHasRowMajorStrides) {
  float data[24] = {};
  View view = View::contiguous(data, DType::kF32, {2, 3, 4});
  EXPECT_EQ(view.rank, 3);
  EXPECT_EQ(view.stride(0), 12);
  EXPECT_EQ(view.stride(-1), 1);
  EXPECT_EQ(view.elements(), 24);
  EXPECT_EQ(view.bytes(), 96u);
  EXPECT_TRUE(view.is_contiguous());
}

TEST(View, EmptyHasNoElements) {
  EXPECT_EQ(View{}.elements(), 0);
}

TEST(View, RowsPointIntoTheMiddle) {
  float data[24] = {};
  View view = View::contiguous(data, DType::kF32, {6, 4}).rows(2, 3);
  EXPECT_EQ(view.as<float>(), data + 8);
  EXPECT_EQ(view.dim(0), 3);
}

TEST(View, StridedViewIsNotContiguousUnlessTheGapIsNeverStepped) {
  float data[24] = {};
  View view = View::contiguous(data, DType::kF32, {6, 2});
  view.strides[0] = 4;
  EXPECT_FALSE(view.is_contiguous());
  EXPECT_TRUE(view.rows(1, 1).is_contiguous());
}

TEST(View, ReshapedSharesTheElements) {
  float data[24] = {};
  View view = View::contiguous(data, DType::kF32, {6, 4}).reshaped({2, 3, 4});
  EXPECT_EQ(view.stride(0), 12);
  EXPECT_EQ(view.data, data);
}

TEST(ViewDeathTest, WrongDtypeAndBadRowsAreBugs) {
  float data[4] = {};
  View view = View::contiguous(data, DType::kF32, {2, 2});
  EXPECT_DEATH(view.as<bf16>(), "dtype");
  EXPECT_DEATH(view.rows(1, 2), "rows");
  EXPECT_DEATH(view.reshaped({3}), "elements");
}

TEST(Buffer, IsZeroAndAligned) {
  for (size_t bytes : {size_t{1}, size_t{100}, Buffer::kLarge - 1, Buffer::kLarge, Buffer::kLarge + 12345}) {
    Buffer buffer(bytes);
    auto address = reinterpret_cast<uintptr_t>(buffer.data());
    EXPECT_EQ(address % (bytes >= Buffer::kLarge ? size_t{2} << 20 : Buffer::kAlignment), 0u) << bytes;
    const char* data = static_cast<const char*>(buffer.data());
    EXPECT_EQ(data[0], 0);
    EXPECT_EQ(std::memcmp(data, data + 1, bytes - 1), 0) << bytes;  // all equal to the first
    static_cast<char*>(buffer.data())[bytes - 1] = 1;               // the last byte is ours
  }
}

TEST(Buffer, MovesItsMemory) {
  Buffer a(128);
  void* data = a.data();
  Buffer b = std::move(a);
  EXPECT_EQ(b.data(), data);
  EXPECT_EQ(b.size(), 128u);
  EXPECT_TRUE(a.empty());
  a = Buffer(Buffer::kLarge);
  a = std::move(b);
  EXPECT_EQ(a.data(), data);
}

TEST(Buffer, ViewsMustFit) {
  Buffer buffer(64);
  EXPECT_EQ(buffer.view(DType::kF32, {4, 4}).elements(), 16);
  EXPECT_EQ(buffer.view(DType::kBF16, {2}, 60).data, static_cast<char*>(buffer.data()) + 60);
  EXPECT_DEATH(buffer.view(DType::kF32, {17}), "byte_offset");
}

TEST(Buffer, CopyBetweenViews) {
  Buffer a(16), b(16);
  a.view(DType::kI32, {4}).as<int32_t>()[3] = 7;
  copy(Stream::cpu(Pool::serial()), a.view(DType::kI32, {4}), b.view(DType::kI32, {2, 2}));
  EXPECT_EQ(b.view(DType::kI32, {4}).as<int32_t>()[3], 7);
}

TEST(Buffer, AskingForTooMuchIsAnError) {
  EXPECT_THROW(Buffer(size_t{1} << 60), Error);
}

TEST(Cuda, WithoutAGpuEveryRequestIsAClearError) {
  if (cuda_device_count() > 0) return;
  EXPECT_THROW(Buffer(64, Kind::kCuda), Error);
  EXPECT_THROW(cuda_stream_create(Pool::serial()), Error);
  EXPECT_NE(cuda_description().find("no GPU"), std::string::npos);
}

}  // namespace
}  // namespace aurora::device
