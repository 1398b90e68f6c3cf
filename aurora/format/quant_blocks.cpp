// ggml's block layouts: ggml-common.h, and the reference quantisers of ggml-quants.c.
#include "aurora/format/quant_blocks.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cctype>
#include <cstring>

#include "aurora/format/half.h"

namespace aurora::format {
namespace {

using Byte = uint8_t;

float half_at(const Byte* bytes) {
  return half_to_float(static_cast<uint16_t>(bytes[0] | bytes[1] << 8));
}
void put_half(float value, Byte* bytes) {
  const uint16_t half = float_to_half(value);
  bytes[0] = static_cast<Byte>(half);
  bytes[1] = static_cast<Byte>(half >> 8);
}
uint32_t word_at(const Byte* bytes) {
  uint32_t word;
  std::memcpy(&word, bytes, sizeof word);
  return word;
}

// --- plain numbers ---------------------------------------------------------------------------------------

void decode_f32(const void* blocks, int64_t count, float* values) {
  std::memcpy(values, blocks, static_cast<size_t>(count) * sizeof(float));
}
void encode_f32(const float* values, int64_t count, void* blocks) {
  std::memcpy(blocks, values, static_cast<size_t>(count) * sizeof(float));
}
void decode_f16(const void* blocks, int64_t count, float* values) {
  const auto* bytes = static_cast<const Byte*>(blocks);
  for (int64_t i = 0; i < count; ++i) values[i] = half_at(bytes + 2 * i);
}
void encode_f16(const float* values, int64_t count, void* blocks) {
  auto* bytes = static_cast<Byte*>(blocks);
  for (int64_t i = 0; i < count; ++i) put_half(values[i], bytes + 2 * i);
}
void decode_bf16(const void* blocks, int64_t count, float* values) {
  const auto* bytes = static_cast<const Byte*>(blocks);
  for (int64_t i = 0; i < count; ++i) {
    uint16_t half;
    std::memcpy(&half, bytes + 2 * i, sizeof half);
    values[i] = std::bit_cast<float>(static_cast<uint32_t>(half) << 16);
  }
}
void encode_bf16(const float* values, int64_t count, void* blocks) {
  auto* bytes = static_cast<Byte*>(blocks);
  for (int64_t i = 0; i < count; ++i) {
    const uint32_t bits = std::bit_cast<uint32_t>(values[i]);
    const bool nan = (bits & 0x7fffffff) > 0x7f800000;
    const uint32_t rounded = nan ? bits | 0x400000 : bits + 0x7fff + (bits >> 16 & 1);
    const uint16_t half = static_cast<uint16_t>(rounded >> 16);
    std::memcpy(bytes + 2 * i, &half, sizeof half);
  }
}

// --- blocks of 32: one scale, for some a minimum ---------------------------------------------------------

void decode_q8_0(const Byte* block, float* values) {
  const float scale = half_at(block);
  for (int i = 0; i < 32; ++i) values[i] = static_cast<float>(static_cast<int8_t>(block[2 + i])) * scale;
}
void decode_q4_0(const Byte* block, float* values) {
  const float scale = half_at(block);
  for (int i = 0; i < 16; ++i) {
    values[i] = static_cast<float>((block[2 + i] & 15) - 8) * scale;
    values[i + 16] = static_cast<float>((block[2 + i] >> 4) - 8) * scale;
  }
}
void decode_q4_1(const Byte* block, float* values) {
  const float scale = half_at(block), least = half_at(block + 2);
  for (int i = 0; i < 16; ++i) {
    values[i] = static_cast<float>(block[4 + i] & 15) * scale + least;
    values[i + 16] = static_cast<float>(block[4 + i] >> 4) * scale + least;
  }
}
void decode_q5_0(const Byte* block, float* values) {
  const float scale = half_at(block);
  const uint32_t high = word_at(block + 2);  // bit i: the fifth bit of value i
  for (int i = 0; i < 16; ++i) {
    values[i] = static_cast<float>(static_cast<int>((block[6 + i] & 15) | (high >> i & 1) << 4) - 16) * scale;
    values[i + 16] =
        static_cast<float>(static_cast<int>(block[6 + i] >> 4 | (high >> (i + 16) & 1) << 4) - 16) * scale;
  }
}
void decode_q5_1(const Byte* block, float* values) {
  const float scale = half_at(block), least = half_at(block + 2);
  const uint32_t high = word_at(block + 4);
  for (int i = 0; i < 16; ++i) {
    values[i] = static_cast<float>((block[8 + i] & 15) | (high >> i & 1) << 4) * scale + least;
    values[i + 16] = static_cast<float>(block[8 + i] >> 4 | (high >> (i + 16) & 1) << 4) * scale + least;
  }
}

// The largest magnitude of 32 values, as bits: they order like the numbers, NaN and infinity above all.
uint32_t largest_bits(const float* values) {
  int32_t largest = 0;
  for (int i = 0; i < 32; ++i)
    largest = std::max(largest, static_cast<int32_t>(std::bit_cast<uint32_t>(values[i]) & 0x7fffffff));
  return static_cast<uint32_t>(largest);
}
constexpr uint32_t kInfinityBits = 0x7f800000;

// What no scale can say stays visible: every value of the block becomes NaN.
void put_not_a_number(Byte* block, int64_t bytes) {
  std::memset(block, 0, static_cast<size_t>(bytes));
  block[1] = 0x7e;
}

void encode_q8_0(const float* values, Byte* block) {
  const uint32_t largest = largest_bits(values);
  if (largest >= kInfinityBits) return put_not_a_number(block, 34);
  const float scale = std::bit_cast<float>(largest) / 127.0f;
  const float inverse = scale != 0 ? 1.0f / scale : 0.0f;
  put_half(scale, block);
  for (int i = 0; i < 32; ++i) {
    const float value = values[i] * inverse;  // rounded half away from zero, as roundf
    const float magnitude = value < 0 ? -value : value;
    const int whole = static_cast<int>(magnitude);
    const int rounded = whole + (magnitude - static_cast<float>(whole) >= 0.5f ? 1 : 0);
    block[2 + i] = static_cast<Byte>(value < 0 ? -rounded : rounded);
  }
}

void encode_q4_0(const float* values, Byte* block) {
  const uint32_t largest = largest_bits(values);
  if (largest >= kInfinityBits) return put_not_a_number(block, 18);
  const float* extreme = std::find_if(values, values + 31, [largest](float value) {
    return (std::bit_cast<uint32_t>(value) & 0x7fffffff) == largest;
  });
  const float scale = *extreme / -8.0f;  // so that the extreme value is -8, exactly
  const float inverse = scale != 0 ? 1.0f / scale : 0.0f;
  put_half(scale, block);
  const auto level = [inverse](float value) {
    return std::min(15, static_cast<int>(value * inverse + 8.5f));
  };
  for (int i = 0; i < 16; ++i)
    block[2 + i] = static_cast<Byte>(level(values[i]) | level(values[i + 16]) << 4);
}

// --- blocks of 256 ---------------------------------------------------------------------------------------

// Eight pairs of 6-bit scale and minimum in 12 bytes: four of each in the low six bits, the other four in
// nibbles whose upper two bits are what those bytes have left.
struct ScaleAndLeast {
  float scale;
  float least;
};
ScaleAndLeast scale_of_group(const Byte* block, int group) {
  const float scale = half_at(block), least = half_at(block + 2);
  const Byte* packed = block + 4;
  int scale_level, least_level;
  if (group < 4) {
    scale_level = packed[group] & 63;
    least_level = packed[group + 4] & 63;
  } else {
    scale_level = (packed[group + 4] & 15) | (packed[group - 4] >> 6) << 4;
    least_level = packed[group + 4] >> 4 | (packed[group] >> 6) << 4;
  }
  return {scale * static_cast<float>(scale_level), least * static_cast<float>(least_level)};
}

void decode_q4_k(const Byte* block, float* values) {
  const Byte* levels = block + 16;
  for (int group = 0; group < 8; group += 2, levels += 32, values += 64) {
    const ScaleAndLeast low = scale_of_group(block, group), high = scale_of_group(block, group + 1);
    for (int i = 0; i < 32; ++i) values[i] = low.scale * static_cast<float>(levels[i] & 15) - low.least;
    for (int i = 0; i < 32; ++i)
      values[i + 32] = high.scale * static_cast<float>(levels[i] >> 4) - high.least;
  }
}

void decode_q5_k(const Byte* block, float* values) {
  const Byte* fifth = block + 16;  // bit g of byte i: the fifth bit of value i of group g
  const Byte* levels = block + 48;
  for (int group = 0; group < 8; group += 2, levels += 32, values += 64) {
    const ScaleAndLeast low = scale_of_group(block, group), high = scale_of_group(block, group + 1);
    for (int i = 0; i < 32; ++i) {
      const int level = (levels[i] & 15) | (fifth[i] >> group & 1) << 4;
      values[i] = low.scale * static_cast<float>(level) - low.least;
    }
    for (int i = 0; i < 32; ++i) {
      const int level = levels[i] >> 4 | (fifth[i] >> (group + 1) & 1) << 4;
      values[i + 32] = high.scale * static_cast<float>(level) - high.least;
    }
  }
}

void decode_q6_k(const Byte* block, float* values) {
  const float scale = half_at(block + 208);
  for (int half = 0; half < 2; ++half, values += 128) {
    const Byte* low = block + 64 * half;          // four bits
    const Byte* high = block + 128 + 32 * half;   // two more, four values to a byte
    const Byte* scales = block + 192 + 8 * half;  // int8, one for 16 values
    for (int quarter = 0; quarter < 4; ++quarter) {
      const Byte* nibbles = low + 32 * (quarter & 1);
      for (int i = 0; i < 32; ++i) {
        const int nibble = quarter < 2 ? nibbles[i] & 15 : nibbles[i] >> 4;
        const int level = (nibble | (high[i] >> 2 * quarter & 3) << 4) - 32;
        const auto group_scale = static_cast<int8_t>(scales[2 * quarter + i / 16]);
        values[32 * quarter + i] = scale * static_cast<float>(group_scale) * static_cast<float>(level);
      }
    }
  }
}

// --- the descriptors -------------------------------------------------------------------------------------

template <void (*block)(const Byte*, float*), int64_t elements, int64_t bytes>
void decode_blocks(const void* blocks, int64_t count, float* values) {
  for (int64_t i = 0; i < count; ++i)
    block(static_cast<const Byte*>(blocks) + i * bytes, values + i * elements);
}
template <void (*block)(const float*, Byte*), int64_t elements, int64_t bytes>
void encode_blocks(const float* values, int64_t count, void* blocks) {
  for (int64_t i = 0; i < count; ++i) block(values + i * elements, static_cast<Byte*>(blocks) + i * bytes);
}

// In order of BlockType.
constexpr BlockFormat kFormats[] = {
    {BlockType::kF32, 0, "F32", 1, 4, decode_f32, encode_f32},
    {BlockType::kF16, 1, "F16", 1, 2, decode_f16, encode_f16},
    {BlockType::kBf16, 30, "BF16", 1, 2, decode_bf16, encode_bf16},
    {BlockType::kQ8_0, 8, "Q8_0", 32, 34, decode_blocks<decode_q8_0, 32, 34>,
     encode_blocks<encode_q8_0, 32, 34>},
    {BlockType::kQ4_0, 2, "Q4_0", 32, 18, decode_blocks<decode_q4_0, 32, 18>,
     encode_blocks<encode_q4_0, 32, 18>},
    {BlockType::kQ4_1, 3, "Q4_1", 32, 20, decode_blocks<decode_q4_1, 32, 20>, nullptr},
    {BlockType::kQ5_0, 6, "Q5_0", 32, 22, decode_blocks<decode_q5_0, 32, 22>, nullptr},
    {BlockType::kQ5_1, 7, "Q5_1", 32, 24, decode_blocks<decode_q5_1, 32, 24>, nullptr},
    {BlockType::kQ4_K, 12, "Q4_K", 256, 144, decode_blocks<decode_q4_k, 256, 144>, nullptr},
    {BlockType::kQ5_K, 13, "Q5_K", 256, 176, decode_blocks<decode_q5_k, 256, 176>, nullptr},
    {BlockType::kQ6_K, 14, "Q6_K", 256, 210, decode_blocks<decode_q6_k, 256, 210>, nullptr},
};

// ggml's numbers, empty where one was given up or never used.
constexpr std::array<std::string_view, 42> kNames = {
    "F32",   "F16",    "Q4_0",  "Q4_1", "",     "",        "Q5_0",   "Q5_1",    "Q8_0",  "Q8_1",   "Q2_K",
    "Q3_K",  "Q4_K",   "Q5_K",  "Q6_K", "Q8_K", "IQ2_XXS", "IQ2_XS", "IQ3_XXS", "IQ1_S", "IQ4_NL", "IQ3_S",
    "IQ2_S", "IQ4_XS", "I8",    "I16",  "I32",  "I64",     "F64",    "IQ1_M",   "BF16",  "",       "",
    "",      "TQ1_0",  "TQ2_0", "",     "",     "",        "MXFP4",  "NVFP4",   "Q1_0"};

bool same_word(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](unsigned char x, unsigned char y) { return std::toupper(x) == std::toupper(y); });
}

}  // namespace

const BlockFormat& block_format(BlockType type) {
  return kFormats[static_cast<size_t>(type)];
}

const BlockFormat* find_block_format(uint32_t code) {
  const auto* found = std::find_if(std::begin(kFormats), std::end(kFormats),
                                   [code](const BlockFormat& format) { return format.code == code; });
  return found == std::end(kFormats) ? nullptr : found;
}

const BlockFormat* find_block_format(std::string_view name) {
  const auto* found =
      std::find_if(std::begin(kFormats), std::end(kFormats),
                   [name](const BlockFormat& format) { return same_word(format.name, name); });
  return found == std::end(kFormats) ? nullptr : found;
}

std::string_view ggml_type_name(uint32_t code) {
  return code < kNames.size() ? kNames[code] : "";
}

}  // namespace aurora::format
