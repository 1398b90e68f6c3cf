// Division by a number fixed beforehand: a multiplication and a correction instead of a division.
#pragma once

#include <cstdint>

namespace aurora::order {

class Divider {
 public:
  Divider() = default;
  // divisor >= 1
  explicit Divider(uint64_t divisor) : divisor_(divisor), inverse_(~uint64_t{0} / divisor) {}

  uint64_t divisor() const { return divisor_; }

  struct Result {
    uint64_t quotient, rest;
  };
  // value < 2^63: the estimated quotient is then right or one too small.
  Result operator()(uint64_t value) const {
    auto quotient = static_cast<uint64_t>((static_cast<unsigned __int128>(value) * inverse_) >> 64);
    uint64_t rest = value - quotient * divisor_;
    const bool small = rest >= divisor_;
    quotient += small ? 1 : 0;
    rest -= small ? divisor_ : 0;
    return {quotient, rest};
  }

 private:
  uint64_t divisor_ = 1;
  uint64_t inverse_ = ~uint64_t{0};  // floor((2^64 - 1) / divisor)
};

}  // namespace aurora::order
