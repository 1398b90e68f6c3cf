#include "aurora/kernels/cpu/packed_quant.h"

#include <algorithm>
#include <cstring>

#include "aurora/kernels/cpu/packed_tiles.h"
#include "aurora/kernels/cpu/quant_rows.h"
#include "aurora/kernels/cpu/scratch.h"
#include "aurora/kernels/quant_blocks.h"
#include "aurora/kernels/shapes.h"

namespace aurora::kernels::cpu {
namespace {

constexpr int64_t kBlockGroups = 64;  // of a depth block
constexpr QuantType kTypes[] = {
    {PackFormat::kInt8, sizeof(Q8Block), 8, 0x80, 128, &QuantKernel::int8},
    {PackFormat::kInt4, sizeof(Q4Block), 4, 0, 8, &QuantKernel::int4},
};

// Four bytes at once, where the words of a step are.
void copy_word(const std::byte* from, uint8_t flip, std::byte* to) {
  uint32_t word;
  std::memcpy(&word, from, sizeof word);
  word ^= flip * 0x01010101u;
  std::memcpy(to, &word, sizeof word);
}

// One group of `count` stored rows into its panel. kSteps is a constant so that the words of a block are
// moved without a loop.
template <int kSteps>
void pack_group(const std::byte* blocks, int64_t stride, int64_t count, uint8_t flip, std::byte* to) {
  for (int64_t j = 0; j < count; ++j) {
    const std::byte* block = blocks + j * stride;
    std::memcpy(to + j * 2, block, 2);
#pragma GCC unroll 8
    for (int s = 0; s < kSteps; ++s)
      copy_word(block + 2 + s * 4, flip, to + kScaleBytes + s * kStepBytes + j * 4);
  }
}

}  // namespace

size_t QuantForm::panel_bytes(int64_t k) const {
  return k / kPackGroup * quant_group_bytes(type_.steps);
}

void QuantForm::pack(const PackSpec& spec, const StoredRows& rows, std::byte* panel) const {
  const int64_t group_bytes = quant_group_bytes(type_.steps), block_bytes = type_.block_bytes;
  const int steps = type_.steps;
  const uint8_t flip = type_.flip;
  for (int64_t g = 0; g < spec.k / kPackGroup; ++g) {
    std::byte* to = panel + g * group_bytes;
    if (rows.count < kQuantColumns) std::memset(to, 0, group_bytes);
    const std::byte* blocks = rows.data + g * block_bytes;
    if (steps == 8)
      pack_group<8>(blocks, rows.stride, rows.count, flip, to);
    else
      pack_group<4>(blocks, rows.stride, rows.count, flip, to);
  }
}

void QuantForm::unpack(const PackSpec& spec, const std::byte* panel, int64_t column, std::byte* row) const {
  for (int64_t g = 0; g < spec.k / kPackGroup; ++g) {
    const std::byte* from = panel + g * quant_group_bytes(type_.steps);
    std::byte* block = row + g * type_.block_bytes;
    std::memcpy(block, from + column * 2, 2);
    for (int s = 0; s < type_.steps; ++s)
      copy_word(from + kScaleBytes + s * kStepBytes + column * 4, type_.flip, block + 2 + s * 4);
  }
}

void QuantForm::multiply(const Stream& stream, const PackedGemm& call) const {
  const auto [m, n, k] = packed_gemm_sizes(call);
  if (m == 0) return;
  const int64_t groups = k / kPackGroup, group_bytes = quant_group_bytes(type_.steps);
  thread_local Scratch<int32_t> scratch;
  int32_t* a = scratch.get(quant_block_offset(m, groups));
  quantise_rows(stream, call.a, type_.zero, a);
  const PackedTiles tiles{call.c,
                          best_microkernel(device::DType::kF32).write,
                          kQuantColumns,
                          groups * group_bytes,
                          std::min(groups, kBlockGroups) * group_bytes,
                          (groups + kBlockGroups - 1) / kBlockGroups};
  const auto run = kernel_.*type_.run;
  for_packed_tiles(stream, tiles, [&](const PanelSums& to, int64_t block) {
    const int64_t group = block * kBlockGroups;
    const std::byte* w = call.weight->panels() + to.panel * tiles.panel_bytes + group * group_bytes;
    for (int64_t i = to.row; i < to.row + to.rows; i += kQuantRows) {
      const int64_t rows = std::min<int64_t>(kQuantRows, m - i);
      run({static_cast<int>(rows), std::min(kBlockGroups, groups - group),
           a + quant_block_offset(i, groups) + group * quant_group_words(rows), w,
           to.sum + (i - to.row) * to.stride, to.stride, block > 0});
    }
  });
}

std::vector<const PackedForm*> usable_quant_forms(PackFormat format) {
  static const std::vector<QuantForm> forms = [] {
    std::vector<QuantForm> all;
    for (const QuantType& type : kTypes)
      for (const QuantKernel* kernel : usable_quant_kernels()) all.emplace_back(type, *kernel);
    return all;
  }();
  std::vector<const PackedForm*> usable;
  for (const QuantForm& form : forms)
    if (form.format() == format) usable.push_back(&form);
  return usable;
}

}  // namespace aurora::kernels::cpu
