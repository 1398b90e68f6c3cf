#include "aurora/dataset/permutation.h"

#include <cmath>

#include "aurora/base/check.h"

namespace aurora::dataset {
namespace {

// The finalizer of SplitMix64 (Steele, Lea, Flood 2014): every input bit reaches every output bit.
uint64_t mix(uint64_t z) {
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}

// A hash of 64 bits brought into [0, bound) by multiply-high.
uint64_t below(uint64_t hash, uint64_t bound) {
  return static_cast<uint64_t>((static_cast<unsigned __int128>(hash) * bound) >> 64);
}

uint64_t add_modulo(uint64_t a, uint64_t b, uint64_t modulus) {
  uint64_t sum = a + b;
  return sum >= modulus ? sum - modulus : sum;
}

uint64_t square_root_up(uint64_t value) {
  // The double root is off by less than one for values below 2^62; the two loops make it exact.
  auto root = static_cast<uint64_t>(std::sqrt(static_cast<double>(value)));
  while (root * root < value) ++root;
  while (root > 1 && (root - 1) * (root - 1) >= value) --root;
  return root;
}

}  // namespace

Permutation::Permutation(uint64_t size, RandomKey key) : size_(size) {
  AURORA_CHECK(size >= 1 && size <= uint64_t{1} << 62, "size {}", size);
  left_ = square_root_up(size);
  right_ = (size + left_ - 1) / left_;
  for (int r = 0; r < kRounds; ++r)
    keys_[r] = mix(key.value + 0x9e3779b97f4a7c15u * static_cast<uint64_t>(r + 1));
}

uint64_t Permutation::round_trip(uint64_t value) const {
  uint64_t left = value / right_;
  uint64_t right = value % right_;
  for (int r = 0; r < kRounds; r += 2) {
    left = add_modulo(left, below(mix(right + keys_[r]), left_), left_);
    right = add_modulo(right, below(mix(left + keys_[r + 1]), right_), right_);
  }
  return left * right_ + right;
}

uint64_t Permutation::operator()(uint64_t index) const {
  AURORA_CHECK_LT(index, size_);
  do index = round_trip(index);
  while (index >= size_);
  return index;
}

}  // namespace aurora::dataset
