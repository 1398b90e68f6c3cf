// Tokens among stored numbers: what token files and the converters to them share. Private to this folder.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <type_traits>

namespace aurora::format::token_numbers {

// Files keep their arrays at any address.
template <typename T>
T load(const std::byte* at) {
  T value;
  std::memcpy(&value, at, sizeof value);
  return value;
}

// `count` numbers of type T as tokens. Returns the index of the first that is none (negative, a fraction,
// beyond 2^31), or count.
template <typename T>
uint64_t decode(const std::byte* from, uint64_t count, int32_t* out) {
  bool good = true;
  for (uint64_t i = 0; i < count; ++i) {
    const T value = load<T>(from + i * sizeof(T));
    bool fits = true;
    if constexpr (std::is_floating_point_v<T>) {
      fits = value >= 0 && value < T{2147483648.0} && value == std::floor(value);
    } else if constexpr (std::is_signed_v<T> || sizeof(T) >= 4) {
      fits = value >= 0 && static_cast<uint64_t>(value) <= 0x7fffffff;
    }
    out[i] = fits ? static_cast<int32_t>(value) : -1;
    good = good && fits;
  }
  return good ? count : static_cast<uint64_t>(std::find(out, out + count, -1) - out);
}

template <typename T>
void encode(std::span<const int32_t> tokens, uint8_t* out) {
  for (size_t i = 0; i < tokens.size(); ++i) {
    const T value = static_cast<T>(tokens[i]);
    std::memcpy(out + i * sizeof(T), &value, sizeof value);
  }
}

}  // namespace aurora::format::token_numbers
