#include "aurora/kernels/cpu/page_layout.h"

#include <bit>

#include "aurora/kernels/cpu/heads.h"

namespace aurora::kernels::cpu {
namespace {

using device::bf16;
using device::DType;

uint32_t unit_of(float value) {
  return std::bit_cast<uint32_t>(value);
}
uint32_t unit_of(bf16 value) {
  return unit_of(static_cast<float>(value));
}
uint32_t half_of(float value) {
  return bf16(value).bits;
}
uint32_t half_of(bf16 value) {
  return value.bits;
}

}  // namespace

PageLayout::PageLayout(const Microkernel& kernel, const PageShape& shape) : kernel_(kernel), shape_(shape) {
  key_stride_ = kernel.steps(shape.head_size) * kernel.columns;
  value_stride_ = kernel.steps(kPageTokens) * kernel.columns;
  keys_units_ = round_up(kPageTokens / kernel.columns * key_stride_, 16);
  values_units_ = round_up(shape.head_size, kernel.columns) / kernel.columns * value_stride_;
}

template <typename T>
void PageLayout::store_as(char* page, int64_t head, int64_t slot, const T* key, const T* value) const {
  const int64_t columns = kernel_.columns, d = shape_.head_size;
  uint32_t* to_key = keys(page, head) + slot / columns * key_stride_ + slot % columns;
  uint32_t* to_values = values(page, head);
  if (kernel_.unit == DType::kF32) {
    for (int64_t x = 0; x < d; ++x) to_key[x * columns] = unit_of(key[x]);
    for (int64_t x = 0; x < d; ++x)
      to_values[x / columns * value_stride_ + slot * columns + x % columns] = unit_of(value[x]);
    return;
  }
  for (int64_t x = 0; x < d; x += 2)
    to_key[x / 2 * columns] = half_of(key[x]) | (x + 1 < d ? half_of(key[x + 1]) << 16 : 0);
  for (int64_t begin = 0; begin < d; begin += columns) {
    uint32_t* units = to_values + begin / columns * value_stride_ + slot / 2 * columns;
    const int64_t count = std::min(columns, d - begin);
    if (slot % 2 == 0)
      for (int64_t x = 0; x < count; ++x) units[x] = half_of(value[begin + x]);
    else
      for (int64_t x = 0; x < count; ++x) units[x] = (units[x] & 0xffff) | half_of(value[begin + x]) << 16;
  }
}

void PageLayout::store(char* page, int64_t head, int64_t slot, const void* key, const void* value) const {
  if (shape_.act == DType::kBF16)
    store_as(page, head, slot, static_cast<const bf16*>(key), static_cast<const bf16*>(value));
  else
    store_as(page, head, slot, static_cast<const float*>(key), static_cast<const float*>(value));
}

}  // namespace aurora::kernels::cpu
