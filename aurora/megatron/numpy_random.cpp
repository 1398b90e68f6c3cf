#include "aurora/megatron/numpy_random.h"

#include <algorithm>
#include <bit>
#include <utility>

namespace aurora::megatron {

namespace {

constexpr size_t kShift = 397;   // MT19937's m
constexpr size_t kChunk = 4096;  // indices drawn at once
constexpr size_t kAhead = 48;    // swaps between a prefetch and its use
constexpr uint32_t kUpper = 0x80000000u;
constexpr uint32_t kLower = 0x7fffffffu;
constexpr uint32_t kTwist = 0x9908b0dfu;

inline uint32_t twisted(uint32_t high, uint32_t low, uint32_t far) {
  const uint32_t joined = (high & kUpper) | (low & kLower);
  return far ^ (joined >> 1) ^ ((0u - (low & 1u)) & kTwist);
}

inline uint32_t tempered(uint32_t word) {
  word ^= word >> 11;
  word ^= (word << 7) & 0x9d2c5680u;
  word ^= (word << 15) & 0xefc60000u;
  return word ^ (word >> 18);
}

// Smallest 2^k - 1 that is not below `max`.
uint64_t mask_of(uint64_t max) {
  return max == 0 ? 0 : UINT64_MAX >> std::countl_zero(max);
}

// Swaps items[last - t] with items[indices[t]] for every t, in order.
template <typename Item, typename Index>
void swap_all(Item* items, uint64_t last, const Index* indices, size_t count) {
  const size_t ahead = std::min(count, kAhead);
  for (size_t t = 0; t < ahead; ++t) __builtin_prefetch(items + indices[t], 1);
  for (size_t t = 0; t < count - ahead; ++t) {
    __builtin_prefetch(items + indices[t + ahead], 1);
    std::swap(items[last - t], items[indices[t]]);
  }
  for (size_t t = count - ahead; t < count; ++t) std::swap(items[last - t], items[indices[t]]);
}

}  // namespace

NumpyRandom::NumpyRandom(uint32_t seed) {
  for (uint32_t i = 0; i < kWords; ++i) {
    state_[i] = seed;
    seed = 1812433253u * (seed ^ (seed >> 30)) + i + 1;
  }
}

void NumpyRandom::refill() {
  // Three runs in which no word depends on one made less than 227 places before it: vector code.
  uint32_t* const s = state_.data();
  for (size_t i = 0; i < kWords - kShift; ++i) s[i] = twisted(s[i], s[i + 1], s[i + kShift]);
  for (size_t i = kWords - kShift; i < kWords - 1; ++i)
    s[i] = twisted(s[i], s[i + 1], s[i + kShift - kWords]);
  s[kWords - 1] = twisted(s[kWords - 1], s[0], s[kShift - 1]);
  for (size_t i = 0; i < kWords; ++i) words_[i] = tempered(s[i]);
  next_ = 0;
}

uint32_t NumpyRandom::next_u32() {
  if (next_ == kWords) refill();
  return words_[next_++];
}

uint64_t NumpyRandom::next_u64() {
  const uint64_t high = next_u32();
  return high << 32 | next_u32();
}

uint64_t NumpyRandom::interval(uint64_t max) {
  if (max == 0) return 0;
  const uint64_t mask = mask_of(max);
  for (;;) {
    const uint64_t value = (max <= UINT32_MAX ? next_u32() : next_u64()) & mask;
    if (value <= max) return value;
  }
}

// indices[t] = interval(step - t), without a branch that nobody can predict.
void NumpyRandom::draw(uint32_t step, std::span<uint32_t> indices) {
  size_t done = 0;
  while (done < indices.size()) {
    const uint32_t mask = static_cast<uint32_t>(mask_of(step));
    // Steps down to 2^k share the mask.
    const size_t end = std::min<size_t>(indices.size(), done + (step - (mask >> 1)));
    while (done < end) {
      if (next_ == kWords) refill();
      const size_t stop = next_ + std::min(kWords - next_, end - done);
      for (; next_ < stop; ++next_) {
        const uint32_t value = words_[next_] & mask;
        indices[done] = value;
        const uint32_t taken = value <= step ? 1 : 0;
        done += taken;
        step -= taken;
      }
    }
  }
}

template <typename Item>
void NumpyRandom::shuffle_items(std::span<Item> items) {
  if (items.size() < 2) return;
  uint64_t step = items.size() - 1;
  while (step > UINT32_MAX) {
    std::array<uint64_t, kChunk> indices;
    const size_t count = std::min<uint64_t>(kChunk, step - UINT32_MAX);
    for (size_t t = 0; t < count; ++t) indices[t] = interval(step - t);
    swap_all(items.data(), step, indices.data(), count);
    step -= count;
  }
  std::array<uint32_t, kChunk> indices;
  while (step > 0) {
    const size_t count = std::min<uint64_t>(kChunk, step);
    draw(static_cast<uint32_t>(step), {indices.data(), count});
    swap_all(items.data(), step, indices.data(), count);
    step -= count;
  }
}

void NumpyRandom::shuffle(std::span<int32_t> items) {
  shuffle_items(items);
}
void NumpyRandom::shuffle(std::span<uint32_t> items) {
  shuffle_items(items);
}
void NumpyRandom::shuffle(std::span<int64_t> items) {
  shuffle_items(items);
}
void NumpyRandom::shuffle(std::span<uint64_t> items) {
  shuffle_items(items);
}

void NumpyRandom::skip_shuffle(uint64_t size) {
  if (size < 2) return;
  uint64_t step = size - 1;
  for (; step > UINT32_MAX; --step) interval(step);
  std::array<uint32_t, kChunk> indices;
  while (step > 0) {
    const size_t count = std::min<uint64_t>(kChunk, step);
    draw(static_cast<uint32_t>(step), {indices.data(), count});
    step -= count;
  }
}

}  // namespace aurora::megatron
