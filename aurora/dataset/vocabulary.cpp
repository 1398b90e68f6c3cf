#include "aurora/dataset/vocabulary.h"

#include <algorithm>
#include <type_traits>

namespace aurora::dataset {
namespace {

// Negative tokens are large as unsigned ones.
template <typename T>
[[gnu::always_inline]] inline bool all_inside(const T* tokens, size_t count, std::make_unsigned_t<T> last) {
  using Unsigned = std::make_unsigned_t<T>;
  Unsigned most = 0;
  for (size_t i = 0; i < count; ++i) most = std::max(most, static_cast<Unsigned>(tokens[i]));
  return most <= last;
}

template <typename T>
bool all_inside_anywhere(const T* tokens, size_t count, std::make_unsigned_t<T> last) {
  return all_inside(tokens, count, last);
}

template <typename T>
using AllInside = bool (*)(const T*, size_t, std::make_unsigned_t<T>);

#if defined(__x86_64__)
template <typename T>
[[gnu::target("avx2")]] bool all_inside_avx2(const T* tokens, size_t count, std::make_unsigned_t<T> last) {
  return all_inside(tokens, count, last);
}
template <typename T>
AllInside<T> choose() {
  return __builtin_cpu_supports("avx2") ? all_inside_avx2<T> : all_inside_anywhere<T>;
}
#else
template <typename T>
AllInside<T> choose() {
  return all_inside_anywhere<T>;
}
#endif

template <typename T>
size_t find_outside(const T* tokens, size_t count, int64_t vocab_size) {
  using Unsigned = std::make_unsigned_t<T>;
  static const AllInside<T> all_inside_here = choose<T>();
  const auto last = static_cast<Unsigned>(std::min<int64_t>(vocab_size - 1, Unsigned(-1)));
  if (all_inside_here(tokens, count, last)) return count;
  const auto outside = [last](T token) { return static_cast<Unsigned>(token) > last; };
  return static_cast<size_t>(std::find_if(tokens, tokens + count, outside) - tokens);
}

}  // namespace

size_t first_outside(const uint16_t* tokens, size_t count, int64_t vocab_size) {
  return find_outside(tokens, count, vocab_size);
}

size_t first_outside(const int32_t* tokens, size_t count, int64_t vocab_size) {
  return find_outside(tokens, count, vocab_size);
}

}  // namespace aurora::dataset
