#include "aurora/kernels/cpu/quant_rows.h"

#include <algorithm>
#include <limits>

#include "aurora/kernels/cpu/lanes.h"

namespace aurora::kernels::cpu {
namespace {

constexpr int64_t kTileGroups = 64;  // of one block: some microseconds of work

using LanesI8 = int8_t __attribute__((vector_size(16)));

// The largest lane along a fixed tree.
[[gnu::always_inline]] inline uint32_t largest(LanesU32 lanes) {
  uint32_t part[kLanes];
  std::memcpy(part, &lanes, sizeof part);
  for (int64_t step = kLanes / 2; step > 0; step /= 2)
    for (int64_t i = 0; i < step; ++i) part[i] = std::max(part[i], part[i + step]);
  return part[0];
}

[[gnu::always_inline]] inline int32_t sum_of(LanesI32 lanes) {
  int32_t part[kLanes];
  std::memcpy(part, &lanes, sizeof part);
  for (int64_t step = kLanes / 2; step > 0; step /= 2)
    for (int64_t i = 0; i < step; ++i) part[i] += part[i + step];
  return part[0];
}

// x * inverse as integers, to nearest even: adding 1.5 * 2^23 leaves them in the low bits.
[[gnu::always_inline]] inline LanesI32 rounded(Lanes x, float inverse) {
  constexpr float kRound = 0x1.8p23f;
  return reinterpret_cast<LanesI32>(x * inverse + kRound) - std::bit_cast<int32_t>(kRound);
}

// One group of one row, which is row r of `rows` in its block.
template <typename T>
[[gnu::always_inline]] inline void quantise(const T* x, int zero, int64_t r, int64_t rows, int32_t* group) {
  const Lanes low = load(x), high = load(x + kLanes);
  const LanesU32 magnitude_low = reinterpret_cast<LanesU32>(low) & 0x7fffffff;
  const LanesU32 magnitude_high = reinterpret_cast<LanesU32>(high) & 0x7fffffff;
  // As integers a NaN is above infinity.
  const uint32_t bits = largest(magnitude_low > magnitude_high ? magnitude_low : magnitude_high);
  const float m = std::bit_cast<float>(bits);
  const bool finite = bits < 0x7f800000, zeros = !finite || m < 0x1p-100f;
  LanesI32 q[2] = {};
  if (!zeros) {
    q[0] = rounded(low, 127.0f / m);
    q[1] = rounded(high, 127.0f / m);
  }
  int32_t words[kGroupWords];
  for (int half = 0; half < 2; ++half) {
    const LanesI8 bytes = __builtin_convertvector(q[half], LanesI8);
    std::memcpy(words + half * 4, &bytes, sizeof bytes);
  }
  for (int s = 0; s < kGroupWords; ++s) group[s * rows + r] = words[s];
  const float d = !finite ? std::numeric_limits<float>::quiet_NaN() : zeros ? 0.0f : m / 127.0f;
  group[kGroupWords * rows + r] = std::bit_cast<int32_t>(d);
  group[(kGroupWords + 1) * rows + r] = -zero * sum_of(q[0] + q[1]);
}

template <typename T>
[[gnu::always_inline]] inline void quantise_block(const View& a, int zero, int64_t begin, int64_t rows,
                                                  int64_t first, int64_t count, int32_t* to) {
  for (int64_t g = first; g < first + count; ++g)
    for (int64_t r = 0; r < rows; ++r)
      quantise(row<T>(a, begin + r) + g * kPackGroup, zero, r, rows, to + g * quant_group_words(rows));
}

}  // namespace

void quantise_rows(const Stream& stream, const View& a, int zero, int32_t* to, Isa on) {
  const int64_t m = a.dim(0), groups = a.dim(1) / kPackGroup;
  const int64_t blocks = (m + kQuantRows - 1) / kQuantRows;
  // A few groups are done sooner than handed out.
  const int64_t tile_groups = m * groups <= 4 * kTileGroups ? groups : kTileGroups;
  const int64_t tiles = (groups + tile_groups - 1) / tile_groups;
  stream.pool->for_each(blocks * tiles, [&](size_t at) {
    const int64_t begin = static_cast<int64_t>(at) / tiles * kQuantRows;
    const int64_t rows = std::min<int64_t>(kQuantRows, m - begin);
    const int64_t first = static_cast<int64_t>(at) % tiles * tile_groups;
    const int64_t count = std::min(tile_groups, groups - first);
    int32_t* block = to + quant_block_offset(begin, groups);
    for_act(a.dtype, [&](auto element) {
      run_on(
          on, [&]() __attribute__((always_inline)) {
            quantise_block<decltype(element)>(a, zero, begin, rows, first, count, block);
          });
    });
  });
}

}  // namespace aurora::kernels::cpu
