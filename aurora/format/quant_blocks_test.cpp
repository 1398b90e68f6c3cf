#include "aurora/format/quant_blocks.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <limits>
#include <vector>

#include "aurora/format/half.h"

namespace aurora::format {
namespace {

using Bytes = std::vector<uint8_t>;

std::vector<float> decode(BlockType type, const Bytes& bytes) {
  const BlockFormat& format = block_format(type);
  const int64_t count = static_cast<int64_t>(bytes.size()) / format.block_bytes;
  std::vector<float> values(static_cast<size_t>(count * format.block_elements));
  format.decode(bytes.data(), count, values.data());
  return values;
}

Bytes encode(BlockType type, const std::vector<float>& values) {
  const BlockFormat& format = block_format(type);
  Bytes bytes(static_cast<size_t>(format.bytes(static_cast<int64_t>(values.size()))));
  format.encode(values.data(), static_cast<int64_t>(values.size()) / format.block_elements, bytes.data());
  return bytes;
}

TEST(Half, KnownValues) {
  EXPECT_EQ(half_to_float(0x3c00), 1.0f);
  EXPECT_EQ(half_to_float(0xc000), -2.0f);
  EXPECT_EQ(half_to_float(0x7bff), 65504.0f);
  EXPECT_EQ(half_to_float(0x0001), 0x1p-24f);
  EXPECT_EQ(half_to_float(0x7c00), std::numeric_limits<float>::infinity());
  EXPECT_TRUE(std::isnan(half_to_float(0x7c01)));
  EXPECT_EQ(float_to_half(65519.996f), 0x7bff);
  EXPECT_EQ(float_to_half(65520.0f), 0x7c00);  // a tie goes to even, which is beyond the largest
  EXPECT_EQ(float_to_half(1e30f), 0x7c00);
  EXPECT_EQ(float_to_half(0x1p-25f), 0x0000);  // a tie goes to even
  EXPECT_EQ(float_to_half(0x1.8p-24f), 0x0002);
  EXPECT_EQ(float_to_half(1.0f + 0x1p-11f), 0x3c00);
  EXPECT_EQ(float_to_half(1.0f + 0x3p-11f), 0x3c02);
}

TEST(Half, EveryHalfComesBack) {
  for (uint32_t half = 0; half < 0x10000; ++half) {
    const float value = half_to_float(static_cast<uint16_t>(half));
    if (!std::isnan(value)) {
      ASSERT_EQ(float_to_half(value), half);
    }
  }
}

TEST(QuantBlocks, EachTypeIsFoundByCodeAndName) {
  EXPECT_EQ(find_block_format(uint32_t{14}), &block_format(BlockType::kQ6_K));
  EXPECT_EQ(find_block_format("q4_0"), &block_format(BlockType::kQ4_0));
  EXPECT_EQ(find_block_format("bf16"), &block_format(BlockType::kBf16));
  EXPECT_EQ(find_block_format(uint32_t{23}), nullptr);
  EXPECT_EQ(find_block_format("q9"), nullptr);
  for (uint32_t code = 0; code < 64; ++code)
    if (const BlockFormat* format = find_block_format(code)) {
      EXPECT_EQ(ggml_type_name(code), format->name);
    }
  EXPECT_EQ(ggml_type_name(23), "IQ4_XS");
  EXPECT_EQ(ggml_type_name(1000), "");
}

TEST(QuantBlocks, PlainNumbersRoundToNearestEven) {
  EXPECT_EQ(encode(BlockType::kBf16, {1.0f, 1.0f + 0x1p-8f, 1.0f + 0x3p-8f}),
            (Bytes{0x80, 0x3f, 0x80, 0x3f, 0x82, 0x3f}));
  EXPECT_EQ(encode(BlockType::kF16, {-2.0f}), (Bytes{0x00, 0xc0}));
  EXPECT_EQ(decode(BlockType::kBf16, {0x80, 0x3f}), std::vector<float>{1.0f});
  EXPECT_EQ(decode(BlockType::kF16, {0x00, 0xc0}), std::vector<float>{-2.0f});
}

// The largest magnitude becomes 127 steps; halves round away from zero.
TEST(QuantBlocks, Q8_0OfWholeNumbers) {
  std::vector<float> values(32, 0.0f);
  values[0] = 127;
  values[1] = -3;
  values[2] = 2.5f;
  values[3] = -2.5f;
  values[31] = 2.49f;
  Bytes wanted(34, 0);
  wanted[1] = 0x3c;  // scale 1
  wanted[2] = 127;
  wanted[3] = 0xfd;
  wanted[4] = 3;
  wanted[5] = 0xfd;
  wanted[33] = 2;
  EXPECT_EQ(encode(BlockType::kQ8_0, values), wanted);
  const std::vector<float> back = decode(BlockType::kQ8_0, wanted);
  EXPECT_EQ(back[0], 127);
  EXPECT_EQ(back[1], -3);
  EXPECT_EQ(back[3], -3);
}

// The extreme value becomes level 0 (-8 steps), so a positive one makes the scale negative.
TEST(QuantBlocks, Q4_0OfWholeNumbers) {
  std::vector<float> values(32, 0.0f);
  values[0] = 8;
  values[1] = -7;
  values[16] = 1;
  Bytes wanted(18, 0x88);
  wanted[0] = 0x00;
  wanted[1] = 0xbc;              // scale -1
  wanted[2] = 0x00 | 0x07 << 4;  // 8 -> -8 * -1; 1 -> level 7
  wanted[3] = 0x0f | 0x08 << 4;
  EXPECT_EQ(encode(BlockType::kQ4_0, values), wanted);
  const std::vector<float> back = decode(BlockType::kQ4_0, wanted);
  EXPECT_EQ(back[0], 8);
  EXPECT_EQ(back[1], -7);
  EXPECT_EQ(back[16], 1);
  EXPECT_EQ(back[17], 0);
}

TEST(QuantBlocks, ZerosStayZerosAndWhatIsNotFiniteStaysVisible) {
  const std::vector<float> zeros(32, 0.0f);
  for (BlockType type : {BlockType::kQ8_0, BlockType::kQ4_0}) {
    EXPECT_EQ(decode(type, encode(type, zeros)), zeros);
    for (float odd : {std::numeric_limits<float>::infinity(), std::nanf("")}) {
      std::vector<float> values(32, 1.0f);
      values[7] = odd;
      for (float back : decode(type, encode(type, values))) EXPECT_TRUE(std::isnan(back));
    }
  }
}

TEST(QuantBlocks, FiveBitTypesTakeTheirFifthBitsFromTheWord) {
  Bytes q5_0(22, 0);
  q5_0[1] = 0x3c;                  // scale 1
  q5_0[2] = 0x02, q5_0[4] = 0x01;  // fifth bits of values 1 and 16
  q5_0[6] = 0x31;                  // value 0: 1; value 16: 3 + 16
  const std::vector<float> a = decode(BlockType::kQ5_0, q5_0);
  EXPECT_EQ(a[0], 1 - 16);
  EXPECT_EQ(a[1], 16 - 16);
  EXPECT_EQ(a[16], 19 - 16);
  Bytes q5_1(24, 0);
  q5_1[1] = 0x3c, q5_1[3] = 0x40;  // scale 1, minimum 2
  q5_1[4] = 0x01;
  q5_1[8] = 0x53;
  const std::vector<float> b = decode(BlockType::kQ5_1, q5_1);
  EXPECT_EQ(b[0], 3 + 16 + 2);
  EXPECT_EQ(b[16], 5 + 2);
  EXPECT_EQ(b[1], 2);
  Bytes q4_1(20, 0);
  q4_1[1] = 0x3c, q4_1[3] = 0x40;
  q4_1[4] = 0x53;
  EXPECT_EQ(decode(BlockType::kQ4_1, q4_1)[0], 5);
  EXPECT_EQ(decode(BlockType::kQ4_1, q4_1)[16], 7);
}

// Scale 1, minimum 1; group 0 has scale 2 and minimum 3, group 4 scale 17 + 32 and minimum 5 + 16.
Bytes k_scales(size_t size) {
  Bytes block(size, 0);
  block[1] = 0x3c, block[3] = 0x3c;
  uint8_t* packed = block.data() + 4;
  packed[0] = 2 | 3 << 6;  // upper bits: those of group 4's scale
  packed[4] = 3 | 1 << 6;  // ... and minimum
  packed[8] = 1 | 5 << 4;
  return block;
}

TEST(QuantBlocks, Q4_KByHand) {
  Bytes block = k_scales(144);
  block[16] = 0x0a;       // group 0, value 0: 10
  block[16 + 64] = 0x0f;  // group 4, value 0: 15
  const std::vector<float> values = decode(BlockType::kQ4_K, block);
  EXPECT_EQ(values[0], 2 * 10 - 3);
  EXPECT_EQ(values[1], -3);
  EXPECT_EQ(values[32], 0);
  EXPECT_EQ(values[128], (1 + 48) * 15 - (5 + 16));
}

TEST(QuantBlocks, Q5_KByHand) {
  Bytes block = k_scales(176);
  block[16] = 1 << 0 | 1 << 4;  // fifth bits of value 0 of groups 0 and 4
  block[48] = 0x0a;
  const std::vector<float> values = decode(BlockType::kQ5_K, block);
  EXPECT_EQ(values[0], 2 * 26 - 3);
  EXPECT_EQ(values[128], (1 + 48) * 16 - (5 + 16));
}

TEST(QuantBlocks, Q6_KByHand) {
  Bytes block(210, 0);
  block[209] = 0x3c;  // scale 1
  for (int i = 0; i < 16; ++i) block[192 + i] = static_cast<uint8_t>(i - 4);
  block[0] = 0x21;               // values 0 (low nibble) and 64 (high)
  block[128] = 3 << 0 | 1 << 4;  // their upper bits
  const std::vector<float> values = decode(BlockType::kQ6_K, block);
  EXPECT_EQ(values[0], -4 * ((1 | 3 << 4) - 32));
  EXPECT_EQ(values[64], 0 * ((2 | 1 << 4) - 32));
  EXPECT_EQ(values[96], 2 * -32);
  EXPECT_EQ(values[16], -3 * -32);
  EXPECT_EQ(values[128], 4 * -32);
}

TEST(QuantBlocks, ErrorsStayWithinAStep) {
  std::vector<float> values(4096);
  for (size_t i = 0; i < values.size(); ++i) values[i] = std::sin(static_cast<float>(i * i % 1009));
  // Half a step of 1/127; a whole one of 1/8 where +8 steps do not exist; and the rounding of the scale.
  for (auto [type, bound] : {std::pair{BlockType::kQ8_0, 1.0f / 254}, {BlockType::kQ4_0, 1.0f / 8}}) {
    const std::vector<float> back = decode(type, encode(type, values));
    for (size_t i = 0; i < values.size(); ++i) {
      ASSERT_LE(std::abs(back[i] - values[i]), bound + 0x1p-11f);
    }
  }
}

}  // namespace
}  // namespace aurora::format
