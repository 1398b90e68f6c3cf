#include "aurora/base/random.h"

#include <cmath>
#include <numbers>

namespace aurora {

namespace {

constexpr uint32_t kMultiplier0 = 0xD2511F53, kMultiplier1 = 0xCD9E8D57;
constexpr uint32_t kWeyl0 = 0x9E3779B9, kWeyl1 = 0xBB67AE85;
constexpr int kRounds = 10;

uint64_t join(uint32_t low, uint32_t high) {
  return uint64_t{high} << 32 | low;
}

std::array<uint32_t, 2> split(uint64_t value) {
  return {static_cast<uint32_t>(value), static_cast<uint32_t>(value >> 32)};
}

}  // namespace

std::array<uint32_t, 4> philox4x32(std::array<uint32_t, 4> counter, std::array<uint32_t, 2> key) {
  for (int round = 0; round < kRounds; ++round) {
    const uint64_t product0 = uint64_t{kMultiplier0} * counter[0];
    const uint64_t product1 = uint64_t{kMultiplier1} * counter[2];
    counter = {static_cast<uint32_t>(product1 >> 32) ^ counter[1] ^ key[0], static_cast<uint32_t>(product1),
               static_cast<uint32_t>(product0 >> 32) ^ counter[3] ^ key[1], static_cast<uint32_t>(product0)};
    key[0] += kWeyl0;
    key[1] += kWeyl1;
  }
  return counter;
}

// Each value is one Philox call under the key so far. Counter word 2 is 1 here and 0 for drawn numbers, so
// that a derived key never equals a number drawn elsewhere.
RandomKey random_key(uint64_t seed, Purpose purpose, std::initializer_list<uint64_t> indices) {
  uint64_t key = seed;
  const auto mix = [&key](uint64_t value) {
    const auto words = split(value);
    const auto block = philox4x32({words[0], words[1], 1, 0}, split(key));
    key = join(block[0], block[1]);
  };
  mix(static_cast<uint64_t>(purpose));
  for (uint64_t index : indices) mix(index);
  return {key};
}

std::array<uint32_t, 4> philox(uint64_t counter, RandomKey key) {
  const auto words = split(counter);
  return philox4x32({words[0], words[1], 0, 0}, split(key.value));
}

uint64_t random_u64(uint64_t counter, RandomKey key) {
  const auto block = philox(counter, key);
  return join(block[0], block[1]);
}

double random_uniform(uint64_t counter, RandomKey key) {
  return static_cast<double>(random_u64(counter, key) >> 11) * 0x1p-53;
}

float random_normal(uint64_t counter, RandomKey key) {
  const auto block = philox(counter, key);
  const double radius_draw = static_cast<double>((join(block[0], block[1]) >> 11) + 1) * 0x1p-53;  // (0, 1]
  const double angle_draw = static_cast<double>(join(block[2], block[3]) >> 11) * 0x1p-53;
  return static_cast<float>(std::sqrt(-2.0 * std::log(radius_draw)) *
                            std::cos(2.0 * std::numbers::pi * angle_draw));
}

uint64_t random_below(uint64_t counter, RandomKey key, uint64_t bound) {
  return static_cast<uint64_t>((static_cast<unsigned __int128>(random_u64(counter, key)) * bound) >> 64);
}

}  // namespace aurora
