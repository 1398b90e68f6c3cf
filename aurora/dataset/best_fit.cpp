#include "aurora/dataset/best_fit.h"

#include <algorithm>
#include <bit>
#include <utility>

#include "aurora/base/check.h"

namespace aurora::dataset {
namespace {

// The first bit set at or behind `from`, or UINT64_MAX.
uint64_t next_bit(const std::vector<uint64_t>& words, uint64_t from) {
  uint64_t word = from / 64;
  if (word >= words.size()) return UINT64_MAX;
  uint64_t bits = words[word] >> (from % 64) << (from % 64);
  while (bits == 0) {
    if (++word == words.size()) return UINT64_MAX;
    bits = words[word];
  }
  return word * 64 + static_cast<uint64_t>(std::countr_zero(bits));
}

}  // namespace

BestFit::BestFit(uint32_t capacity)
    : capacity_(capacity),
      oldest_(size_t{capacity} + 1, kNone),
      occupied_(capacity / 64 + 1),
      summary_(occupied_.size() / 64 + 1) {
  AURORA_CHECK(capacity >= 1 && capacity < kNone);
}

void BestFit::clear() {
  nodes_.clear();
  std::fill(oldest_.begin(), oldest_.end(), kNone);
  std::fill(occupied_.begin(), occupied_.end(), 0);
  std::fill(summary_.begin(), summary_.end(), 0);
}

uint32_t BestFit::join(uint32_t a, uint32_t b) {
  if (a == kNone) return b;
  if (b == kNone) return a;
  if (b < a) std::swap(a, b);
  const uint32_t below = join(nodes_[a].right, b);
  Node& top = nodes_[a];
  top.right = below;
  if (rank(top.left) < rank(top.right)) std::swap(top.left, top.right);
  top.rank = rank(top.right) + 1;
  return a;
}

uint32_t BestFit::least_room(uint32_t length) const {
  const uint64_t word = length / 64;
  if (const uint64_t bits = occupied_[word] >> (length % 64); bits != 0)
    return length + static_cast<uint32_t>(std::countr_zero(bits));
  const uint64_t next = next_bit(summary_, word + 1);
  if (next == UINT64_MAX) return kNone;
  return static_cast<uint32_t>(next * 64 + static_cast<uint64_t>(std::countr_zero(occupied_[next])));
}

void BestFit::put(uint32_t bin, uint32_t room) {
  nodes_[bin] = Node{};
  oldest_[room] = join(oldest_[room], bin);
  occupied_[room / 64] |= uint64_t{1} << (room % 64);
  summary_[room / 4096] |= uint64_t{1} << (room / 64 % 64);
}

uint32_t BestFit::take_oldest(uint32_t room) {
  const uint32_t bin = oldest_[room];
  oldest_[room] = join(nodes_[bin].left, nodes_[bin].right);
  if (oldest_[room] == kNone) {
    occupied_[room / 64] &= ~(uint64_t{1} << (room % 64));
    if (occupied_[room / 64] == 0) summary_[room / 4096] &= ~(uint64_t{1} << (room / 64 % 64));
  }
  return bin;
}

uint32_t BestFit::place(uint32_t length) {
  AURORA_CHECK(length >= 1 && length <= capacity_);
  uint32_t room = least_room(length);
  uint32_t bin;
  if (room == kNone) {
    bin = bins();
    AURORA_CHECK_LT(bin, kNone);
    nodes_.emplace_back();
    room = capacity_;
  } else {
    bin = take_oldest(room);
  }
  if (room > length) put(bin, room - length);
  return bin;
}

}  // namespace aurora::dataset
