// A keyed bijection on [0, size): the shuffle of a file as a function, not as an array. No memory, the same
// cost at any size from 128 to 2^62.
//
// A Feistel network over two digits: the right one has 2^b values with b = bit_width(size) / 2, the left one
// ceil(size / 2^b), so the domain is less than 2^b larger than the size; values beyond the size are sent
// round again (cycle walking: Black & Rogaway 2002), which is rare because the domain is tight. In turns a
// hash of the right digit is added to the left one modulo its radix and the other way round (Bellare,
// Ristenpart, Rogaway, Stegers 2009). What depends on the size and what depends on the key are apart: nothing
// is prepared for a key, whose rounds use key + G, key + 2G ... A shuffle, not a cipher.
#pragma once

#include <bit>
#include <cstdint>
#include <span>

namespace aurora::order {

inline constexpr uint64_t kGolden = 0x9e3779b97f4a7c15u;  // G: 2^64 / golden ratio, odd

// The finalizer of SplitMix64 (Steele, Lea, Flood 2014): every input bit reaches every output bit.
constexpr uint64_t mix64(uint64_t z) {
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}

// A hash of 64 bits brought into [0, bound) by multiply-high.
constexpr uint64_t hash_below(uint64_t hash, uint64_t bound) {
  return static_cast<uint64_t>((static_cast<unsigned __int128>(hash) * bound) >> 64);
}

// The size, and what follows from it.
class PermutationShape {
 public:
  PermutationShape() = default;
  // size: at least 1, at most 2^62.
  explicit PermutationShape(uint64_t size)
      : size_(size),
        right_bits_(static_cast<uint32_t>(std::bit_width(size)) / 2),
        left_(static_cast<uint32_t>((size + (uint64_t{1} << right_bits_) - 1) >> right_bits_)) {}

  uint64_t size() const { return size_; }
  uint32_t right_bits() const { return right_bits_; }  // b <= 31
  uint32_t left() const { return left_; }              // radix of the left digit, <= 2^31

 private:
  uint64_t size_ = 1;
  uint32_t right_bits_ = 0;
  uint32_t left_ = 1;
};

// 32 bits that depend on all bits of a digit and of a round's key. Digits: a number, or a vector of them,
// which is passed by reference because compilers disagree on how to return one.
template <typename Digits>
[[gnu::always_inline]] constexpr void hash_digits(Digits& digits, uint64_t round_key) {
  digits = (digits ^ round_key) * 0xbf58476d1ce4e5b9u;
  digits = (digits ^ (digits >> 32)) * 0x94d049bb133111ebu;
  digits = digits >> 32;
}

// The network once through: any index below 2^b * left() to another.
template <int rounds, typename Digits>
[[gnu::always_inline]] constexpr void feistel(const PermutationShape& shape, uint64_t key, Digits& index) {
  const uint64_t bits = shape.right_bits();
  const uint64_t mask = (uint64_t{1} << bits) - 1;
  const uint64_t radix = shape.left();
  Digits left = index >> bits;
  Digits right = index & mask;
  for (int round = 0; round < rounds; ++round) {
    key += kGolden;
    if (round % 2 == 0) {
      Digits hash = right;
      hash_digits(hash, key);
      left += (hash * radix) >> 32;
      const Digits reduced = left - radix;  // above left when that would be negative
      left = reduced < left ? reduced : left;
    } else {
      Digits hash = left;
      hash_digits(hash, key);
      right = (right + hash) & mask;
    }
  }
  index = left << bits | right;
}

// Tests show that 2 rounds are told from chance at any size and these are not. Small digits mix slowly, so
// small sizes take more rounds.
inline constexpr uint64_t kSmallSize = 128;  // the first that is not small
inline constexpr int kSmallRounds = 16;
inline constexpr int kRounds = 6;

template <int rounds>
constexpr uint64_t permute_by(const PermutationShape& shape, uint64_t key, uint64_t index) {
  do feistel<rounds>(shape, key, index);
  while (index >= shape.size());
  return index;
}

uint64_t permute_small(const PermutationShape& shape, uint64_t key, uint64_t index);

// Where `index` < size goes.
inline uint64_t permute(const PermutationShape& shape, uint64_t key, uint64_t index) {
  if (shape.size() < kSmallSize) return permute_small(shape, key, index);
  return permute_by<kRounds>(shape, key, index);
}

// out[i] = permute(shape, key, first + i): several times faster than one by one where the processor has
// AVX-512. The bits are the same everywhere.
void permute_run(const PermutationShape& shape, uint64_t key, uint64_t first, std::span<uint64_t> out);

}  // namespace aurora::order
