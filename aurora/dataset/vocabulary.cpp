#include "aurora/dataset/vocabulary.h"

#include <algorithm>
#include <cstring>
#include <type_traits>

namespace aurora::dataset {
namespace {

// Negative tokens are large as unsigned ones.
template <typename T>
[[gnu::always_inline]] inline T most_of(const std::byte* from, size_t count) {
  T most = 0;
  for (size_t i = 0; i < count; ++i) {
    T token;
    std::memcpy(&token, from + i * sizeof(T), sizeof(T));
    most = std::max(most, token);
  }
  return most;
}

template <typename T>
[[gnu::always_inline]] inline T copy_most_of(const std::byte* from, size_t count, std::byte* to) {
  T most = 0;
  for (size_t i = 0; i < count; ++i) {
    T token;
    std::memcpy(&token, from + i * sizeof(T), sizeof(T));
    std::memcpy(to + i * sizeof(T), &token, sizeof(T));
    most = std::max(most, token);
  }
  return most;
}

// The largest token, copied on the way unless `to` is null.
template <typename T>
using Most = T (*)(const std::byte* __restrict from, size_t count, std::byte* __restrict to);

template <typename T>
T most_anywhere(const std::byte* __restrict from, size_t count, std::byte* __restrict to) {
  return to == nullptr ? most_of<T>(from, count) : copy_most_of<T>(from, count, to);
}

#if defined(__x86_64__)
template <typename T>
[[gnu::target("avx2")]] T most_avx2(const std::byte* __restrict from, size_t count,
                                    std::byte* __restrict to) {
  return to == nullptr ? most_of<T>(from, count) : copy_most_of<T>(from, count, to);
}
template <typename T>
Most<T> choose() {
  return __builtin_cpu_supports("avx2") ? most_avx2<T> : most_anywhere<T>;
}
#else
template <typename T>
Most<T> choose() {
  return most_anywhere<T>;
}
#endif

template <typename T>
bool all_inside(const std::byte* from, size_t count, int64_t vocab_size, std::byte* to) {
  using Unsigned = std::make_unsigned_t<T>;
  static const Most<Unsigned> most = choose<Unsigned>();
  return count == 0 || int64_t{most(from, count, to)} < vocab_size;
}

template <typename T>
size_t find_outside(const T* tokens, size_t count, int64_t vocab_size) {
  if (all_inside<T>(reinterpret_cast<const std::byte*>(tokens), count, vocab_size, nullptr)) return count;
  const auto outside = [vocab_size](T token) {
    return int64_t{static_cast<std::make_unsigned_t<T>>(token)} >= vocab_size;
  };
  return static_cast<size_t>(std::find_if(tokens, tokens + count, outside) - tokens);
}

}  // namespace

size_t first_outside(const uint16_t* tokens, size_t count, int64_t vocab_size) {
  return find_outside(tokens, count, vocab_size);
}

size_t first_outside(const int32_t* tokens, size_t count, int64_t vocab_size) {
  return find_outside(tokens, count, vocab_size);
}

bool copy_inside(const std::byte* from, size_t count, int64_t vocab_size, uint16_t* to) {
  return all_inside<uint16_t>(from, count, vocab_size, reinterpret_cast<std::byte*>(to));
}

bool copy_inside(const std::byte* from, size_t count, int64_t vocab_size, int32_t* to) {
  return all_inside<int32_t>(from, count, vocab_size, reinterpret_cast<std::byte*>(to));
}

}  // namespace aurora::dataset
