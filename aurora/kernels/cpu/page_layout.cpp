#include "aurora/kernels/cpu/page_layout.h"

#include <bit>

#include "aurora/kernels/cpu/heads.h"
#include "aurora/kernels/cpu/isa.h"
#include "aurora/kernels/cpu/lanes.h"
#include "aurora/kernels/cpu/scratch.h"
#include "aurora/kernels/page_int8.h"

namespace aurora::kernels::cpu {
namespace {

using device::DType;

constexpr int64_t kScaleBytes = 2 * kPageTokens * 4;  // of the keys, then of the values

uint32_t half_of(float value) {
  return bf16(value).bits;
}
uint32_t half_of(bf16 value) {
  return value.bits;
}

// Lanes rounded to bf16, in the upper halves.
[[gnu::always_inline]] inline LanesU32 rounded(Lanes lanes) {
  const LanesU32 u = reinterpret_cast<LanesU32>(lanes);
  return (u + 0x7fff + ((u >> 16) & 1)) & 0xffff0000;
}

// Sixteen units of pairs: low bytes times `low`, high bytes times `high`.
[[gnu::always_inline]] inline void unpack_pairs(const char* from, Lanes low, Lanes high, uint32_t* to) {
  LanesU16 pairs;
  std::memcpy(&pairs, from, sizeof pairs);
  const LanesI32 wide = reinterpret_cast<LanesI32>(__builtin_convertvector(pairs, LanesU32));
  const Lanes a = __builtin_convertvector((wide << 24) >> 24, Lanes) * low;
  const Lanes b = __builtin_convertvector((wide << 16) >> 24, Lanes) * high;
  const LanesU32 units = (rounded(a) >> 16) | rounded(b);
  std::memcpy(to, &units, sizeof units);
}

using Bytes = int8_t __attribute__((vector_size(16)));

// Up to sixteen units of one element each, which are rounded to bf16 when that is act.
[[gnu::always_inline]] inline void unpack_singles(const char* from, Lanes scale, bool round, int64_t count,
                                                  uint32_t* to) {
  Bytes bytes{};
  std::memcpy(&bytes, from, static_cast<size_t>(count));
  const Lanes value = __builtin_convertvector(__builtin_convertvector(bytes, LanesI32), Lanes) * scale;
  const LanesU32 units = round ? rounded(value) : reinterpret_cast<LanesU32>(value);
  std::memcpy(to, &units, static_cast<size_t>(count) * 4);
}

// Up to sixteen neighbouring units of every step of a panel.
struct Units {
  int64_t depth;    // act elements of a unit
  int64_t columns;  // units of a step
  int64_t count;    // of them wanted
  bool round;       // act is bf16
};

// A panel of keys, `size` units long: one scale per column.
[[gnu::always_inline]] inline void unpack_keys(const Units& units, const char* from, int64_t size,
                                               Lanes scale, uint32_t* to) {
  const int64_t columns = units.columns;
  if (units.depth == 2)
    for (int64_t at = 0; at < size; at += columns) unpack_pairs(from + at * 2, scale, scale, to + at);
  else
    for (int64_t at = 0; at < size; at += columns)
      unpack_singles(from + at, scale, units.round, units.count, to + at);
}

// A panel of values: one scale per element of a step.
[[gnu::always_inline]] inline void unpack_values(const Units& units, const char* from, int64_t size,
                                                 const float* scale, uint32_t* to) {
  const int64_t columns = units.columns;
  if (units.depth == 2)
    for (int64_t at = 0; at < size; at += columns, scale += 2)
      unpack_pairs(from + at * 2, splat(scale[0]), splat(scale[1]), to + at);
  else
    for (int64_t at = 0; at < size; at += columns, ++scale)
      unpack_singles(from + at, splat(scale[0]), units.round, units.count, to + at);
}

}  // namespace

PageLayout::PageLayout(const Microkernel& kernel, const PageShape& shape)
    : kernel_(kernel), shape_(shape), depth_(kernel.unit == DType::kBF16 ? 2 : 1) {
  key_stride_ = kernel.steps(shape.head_size) * kernel.columns;
  value_stride_ = kernel.steps(kPageTokens) * kernel.columns;
  keys_units_ = kPageTokens / kernel.columns * key_stride_;
  values_units_ = round_up(shape.head_size, kernel.columns) / kernel.columns * value_stride_;
  const int64_t units = keys_units_ + values_units_;
  head_bytes_ = round_up(is_exact() ? units * 4 : units * depth_ + kScaleBytes, 64);
}

int64_t PageLayout::key_unit(int64_t slot, int64_t x) const {
  const int64_t columns = kernel_.columns;
  return slot / columns * key_stride_ + x / depth_ * columns + slot % columns;
}

int64_t PageLayout::value_unit(int64_t slot, int64_t x) const {
  const int64_t columns = kernel_.columns;
  return keys_units_ + x / columns * value_stride_ + slot / depth_ * columns + x % columns;
}

template <typename T>
void PageLayout::store_exact(uint32_t* units, int64_t slot, const T* key, const T* value) const {
  const int64_t d = shape_.head_size;
  if (depth_ == 1) {
    for (int64_t x = 0; x < d; ++x) units[key_unit(slot, x)] = std::bit_cast<uint32_t>(to_float(key[x]));
    for (int64_t x = 0; x < d; ++x) units[value_unit(slot, x)] = std::bit_cast<uint32_t>(to_float(value[x]));
    return;
  }
  for (int64_t x = 0; x < d; x += 2)
    units[key_unit(slot, x)] = half_of(key[x]) | (x + 1 < d ? half_of(key[x + 1]) << 16 : 0);
  for (int64_t x = 0; x < d; ++x) {
    uint32_t& unit = units[value_unit(slot, x)];
    unit = slot % 2 == 0 ? half_of(value[x]) : (unit & 0xffff) | half_of(value[x]) << 16;
  }
}

template <typename T>
void PageLayout::store_int8(char* head, int64_t slot, const T* key, const T* value) const {
  const int64_t d = shape_.head_size;
  auto* scales = reinterpret_cast<float*>(head);
  auto* bytes = reinterpret_cast<int8_t*>(head + kScaleBytes);
  thread_local Scratch<int8_t> scratch;
  int8_t* q = scratch.get(static_cast<size_t>(d));
  scales[slot] = quantise_head(key, d, q);
  for (int64_t x = 0; x < d; ++x) bytes[key_unit(slot, x) * depth_ + x % depth_] = q[x];
  scales[kPageTokens + slot] = quantise_head(value, d, q);
  for (int64_t x = 0; x < d; ++x) bytes[value_unit(slot, x) * depth_ + slot % depth_] = q[x];
  if (depth_ == 2 && slot % 2 == 0) scales[kPageTokens + slot + 1] = 0;
}

void PageLayout::store(char* page, int64_t head, int64_t slot, const void* key, const void* value) const {
  char* at = page + head * head_bytes_;
  for_act(shape_.act, [&](auto zero) {
    using T = decltype(zero);
    const auto *k = static_cast<const T*>(key), *v = static_cast<const T*>(value);
    if (is_exact())
      store_exact(reinterpret_cast<uint32_t*>(at), slot, k, v);
    else
      store_int8(at, slot, k, v);
  });
}

void PageLayout::unpack(const char* head, uint32_t* units) const {
  const auto* scales = reinterpret_cast<const float*>(head);
  const char* bytes = head + kScaleBytes;
  // Plain copies, for the loops' sake.
  const int64_t columns = kernel_.columns, depth = depth_, keys_units = keys_units_;
  const int64_t key_stride = key_stride_, value_stride = value_stride_, all = keys_units_ + values_units_;
  const bool round = shape_.act == DType::kBF16;
  run([=]() __attribute__((always_inline)) {
    for (int64_t lane = 0; lane < columns; lane += kLanes) {
      const int64_t count = std::min(columns - lane, kLanes);
      const Units lanes{depth, columns, count, round};
      for (int64_t panel = lane, key = lane; panel < keys_units; panel += key_stride, key += columns)
        unpack_keys(lanes, bytes + panel * depth, key_stride, load(scales + key, count), units + panel);
      for (int64_t panel = keys_units + lane; panel < all; panel += value_stride)
        unpack_values(lanes, bytes + panel * depth, value_stride, scales + kPageTokens, units + panel);
    }
  });
}

HeadPanels PageLayout::panels(char* page, int64_t head, uint32_t* scratch) const {
  const char* from = page + head * head_bytes_;
  if (is_exact()) return at(reinterpret_cast<const uint32_t*>(from));
  unpack(from, scratch);
  return at(scratch);
}

}  // namespace aurora::kernels::cpu
