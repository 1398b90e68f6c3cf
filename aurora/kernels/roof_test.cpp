#include "aurora/kernels/roof.h"

#include <gtest/gtest.h>

namespace aurora::kernels {
namespace {

TEST(Roof, is_a_rate_that_a_processor_can_have) {
  const double roof = measure_gemm_roof(device::Stream::cpu(Pool::serial()));
  EXPECT_GT(roof, 1e8);
  EXPECT_LT(roof, 1e13);
}

TEST(ReadBandwidth, is_a_rate_that_memory_can_have) {
  const double rate = measure_read_bandwidth(device::Stream::cpu(Pool::serial()));
  EXPECT_GT(rate, 1e7);
  EXPECT_LT(rate, 1e13);
}

}  // namespace
}  // namespace aurora::kernels
