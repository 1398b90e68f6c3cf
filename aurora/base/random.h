// Counter-based random numbers (Philox4x32-10, Salmon et al., SC'11): a pure function of (key, counter), no
// hidden state. Keys are made from (seed, purpose, ...) so that no two uses share a stream.
#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>

namespace aurora {

// Every use of randomness in a run has its own number. Never renumber: it changes results.
enum class Purpose : uint32_t {
  kInit = 1,     // weights
  kOrder = 2,    // sample permutation
  kHeldOut = 3,  // held-out documents
  kSample = 4,   // generation
  kFault = 5,    // fault points in tests
  kTest = 6,
};

struct RandomKey {
  uint64_t value = 0;
};
// Mixes seed, purpose and up to any number of indices (step, sample, layer ...) into one key.
RandomKey random_key(uint64_t seed, Purpose purpose, std::initializer_list<uint64_t> indices = {});

// The bare generator: counter and key as words, low word first.
std::array<uint32_t, 4> philox4x32(std::array<uint32_t, 4> counter, std::array<uint32_t, 2> key);

// Numbers drawn at `counter` (the low half of the 128-bit counter) under `key`. Each call spends the whole
// counter value: two functions at one counter give dependent numbers.
std::array<uint32_t, 4> philox(uint64_t counter, RandomKey key);
uint64_t random_u64(uint64_t counter, RandomKey key);
double random_uniform(uint64_t counter, RandomKey key);  // [0, 1), 53 bits
float random_normal(uint64_t counter, RandomKey key);    // mean 0, deviation 1, Box-Muller in double
uint64_t random_below(uint64_t counter, RandomKey key, uint64_t bound);  // [0, bound), by multiply-high

}  // namespace aurora
