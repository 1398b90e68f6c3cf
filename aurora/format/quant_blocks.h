// The element types of GGUF's tensors: plain numbers, and blocks of quantised ones that share scales
// (ggml's block layouts, docs/formats/gguf.md). One descriptor per type; adding a type touches kFormats in
// quant_blocks.cpp alone.
//
// A row is a whole number of blocks. Bytes are little-endian, a block has no padding and any alignment.
#pragma once

#include <cstdint>
#include <string_view>

namespace aurora::format {

enum class BlockType : uint8_t {
  kF32,
  kF16,
  kBf16,
  kQ8_0,  // 32 x int8, f16 scale
  kQ4_0,  // 32 x 4 bits, f16 scale
  kQ4_1,  // ... and f16 minimum
  kQ5_0,  // 32 x 5 bits, f16 scale
  kQ5_1,  // ... and f16 minimum
  kQ4_K,  // 256 x 4 bits, eight groups with 6-bit scales and minima
  kQ5_K,  // 256 x 5 bits, the same
  kQ6_K,  // 256 x 6 bits, sixteen groups with 8-bit scales
};

struct BlockFormat {
  BlockType type;
  uint32_t code;           // ggml's number of the type
  const char* name;        // ggml's: "Q8_0"
  int64_t block_elements;  // values of a block; 1 for plain numbers
  int64_t block_bytes;
  // The f32 values of `blocks` consecutive blocks, as ggml computes them, bit for bit.
  void (*decode)(const void* blocks, int64_t count, float* values);
  // The blocks of values, byte for byte those of ggml's reference quantisers; plain numbers round to nearest
  // even. Values must be finite for quantised types. nullptr: the type is only read.
  void (*encode)(const float* values, int64_t count, void* blocks);

  bool quantised() const { return block_elements > 1; }
  int64_t bytes(int64_t elements) const { return elements / block_elements * block_bytes; }
};

const BlockFormat& block_format(BlockType type);
// nullptr: not among the above.
const BlockFormat* find_block_format(uint32_t code);
const BlockFormat* find_block_format(std::string_view name);  // "Q8_0", any case
// The name of any of ggml's types ("IQ4_XS"), for messages; "" for a number that ggml does not have.
std::string_view ggml_type_name(uint32_t code);

}  // namespace aurora::format
