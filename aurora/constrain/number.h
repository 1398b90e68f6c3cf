// JSON numbers within bounds, as automata over their digits: exact, by comparing decimals digit by digit.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "aurora/constrain/text_dfa.h"

namespace aurora::constrain {

// At most so many digits before and behind the point: what a double and a 64-bit integer hold.
constexpr int kMaxWholeDigits = 18;
constexpr int kMaxFractionDigits = 17;

struct Decimal {
  bool negative = false;
  std::string whole = "0";  // no zeros in front
  std::string fraction{};   // no zeros behind
  bool operator==(const Decimal&) const = default;
};
// Of what fmt prints of a number ("-12", "0.5", "1e+30").
Decimal parse_decimal(const std::string& text);
bool is_less(const Decimal& a, const Decimal& b);

struct NumberBound {
  Decimal value;
  bool open = false;  // the value itself is out
};

struct NumberRange {
  std::optional<NumberBound> low{};
  std::optional<NumberBound> high{};
  int max_fraction = kMaxFractionDigits;  // 0: integers
  bool free() const { return !low && !high; }
};

// Keeps the tighter of two bounds.
void raise_low(NumberRange& range, const NumberBound& bound);
void lower_high(NumberRange& range, const NumberBound& bound);
bool contains(const NumberRange& range, const Decimal& value);

// Without an exponent where there are bounds. May accept nothing.
TextDfa number_dfa(const NumberRange& range, Work& work, const std::string& where);
// Integers that `divisor` divides, 1 <= divisor <= kMaxDivisor.
constexpr int64_t kMaxDivisor = 4096;
TextDfa multiples_of(int64_t divisor);

}  // namespace aurora::constrain
