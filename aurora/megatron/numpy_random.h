// numpy.random.RandomState(seed) as far as Megatron uses it: MT19937 seeded by one integer (numpy's
// _legacy_seeding: the initialisation of Matsumoto and Nishimura, 2002), bounded numbers by masked rejection,
// shuffle of one-dimensional arrays (Fisher-Yates from the end). numpy has frozen all of it.
//
// numpy waits for memory at every swap. Here words are made 624 at a time, indices are drawn some thousand
// ahead of their swaps and prefetched, so that misses overlap; numbers and their order are numpy's.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace aurora::megatron {

class NumpyRandom {
 public:
  explicit NumpyRandom(uint32_t seed);

  uint32_t next_u32();
  uint64_t next_u64();              // two words, the high one first
  uint64_t interval(uint64_t max);  // in [0, max]; numpy's random_interval: 64-bit words above 2^32-1

  // Items of 4 or 8 bytes; which type does not matter to the draws.
  void shuffle(std::span<int32_t> items);
  void shuffle(std::span<uint32_t> items);
  void shuffle(std::span<int64_t> items);
  void shuffle(std::span<uint64_t> items);
  // Leaves this as a shuffle of `size` items would: draws without swaps, so that what comes after that
  // shuffle can be made beside it.
  void skip_shuffle(uint64_t size);

 private:
  static constexpr size_t kWords = 624;

  void refill();
  void draw(uint32_t step, std::span<uint32_t> indices);
  template <typename Item>
  void shuffle_items(std::span<Item> items);

  std::array<uint32_t, kWords> state_;
  std::array<uint32_t, kWords> words_;  // of this state, ready to give out
  size_t next_ = kWords;                // first word not given out
};

}  // namespace aurora::megatron
