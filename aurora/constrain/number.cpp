#include "aurora/constrain/number.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <map>
#include <tuple>

#include "aurora/constrain/regex.h"
#include "aurora/constrain/text_nfa.h"

namespace aurora::constrain {
namespace {

// Numbers without sign in low .. high; no high: as many digits as there may be.
struct Magnitudes {
  NumberBound low;
  std::optional<NumberBound> high;
  int max_fraction;
};

CodeSet digits(int low, int high) {
  return {static_cast<uint32_t>('0' + low), static_cast<uint32_t>('0' + high)};
}

// Compares with both bounds while digits are read: `low` and `high` say that all digits so far are the
// bound's.
class MagnitudePaths {
 public:
  MagnitudePaths(TextNfa& nfa, const Magnitudes& range, uint32_t end) : nfa_(nfa), range_(range), end_(end) {}

  void add(uint32_t from) {
    const size_t shortest = range_.low.value.whole.size();
    const size_t longest = range_.high ? range_.high->value.whole.size() : kMaxWholeDigits;
    for (size_t length = shortest; length <= longest && length <= kMaxWholeDigits; ++length) {
      whole_.clear();
      length_ = length;
      const bool at_low = length == shortest;
      const bool at_high = range_.high && length == longest;
      nfa_.add_step(from, TextNfa::Step::kFree, whole_state(0, at_low, at_high));
    }
  }

 private:
  using Key = std::tuple<size_t, bool, bool>;

  uint32_t whole_state(size_t i, bool low, bool high) {
    const auto [entry, is_new] = whole_.emplace(Key(i, low, high), 0);
    if (!is_new) return entry->second;
    const uint32_t state = entry->second = nfa_.add_state();
    if (i == length_) {
      nfa_.add_step(state, TextNfa::Step::kFree, fraction_state(0, low, high));
      return state;
    }
    const int least = low ? range_.low.value.whole[i] - '0' : (i == 0 && length_ > 1 ? 1 : 0);
    const int most = high ? range_.high->value.whole[i] - '0' : 9;
    for (int digit = least; digit <= most; ++digit) {
      const uint32_t next = whole_state(i + 1, low && digit == least, high && digit == most);
      nfa_.add_edge(state, digits(digit, digit), next);
    }
    return state;
  }

  // Behind i digits of the fraction; the point is read with the first of them.
  uint32_t fraction_state(size_t i, bool low, bool high) {
    const auto [entry, is_new] = fraction_.emplace(Key(i, low, high), 0);
    if (!is_new) return entry->second;
    const uint32_t state = entry->second = nfa_.add_state();
    if (may_end(i, low, high)) nfa_.add_step(state, TextNfa::Step::kFree, end_);
    if (i == static_cast<size_t>(range_.max_fraction)) return state;
    uint32_t from = state;
    if (i == 0) {
      from = nfa_.add_state();
      nfa_.add_edge(state, CodeSet('.', '.'), from);
    }
    const int least = low ? digit_of(range_.low, i) : 0;
    const int most = high ? digit_of(*range_.high, i) : 9;
    for (int digit = least; digit <= most; ++digit) {
      const uint32_t next = fraction_state(i + 1, low && digit == least, high && digit == most);
      nfa_.add_edge(from, digits(digit, digit), next);
    }
    return state;
  }

  static int digit_of(const NumberBound& bound, size_t i) {
    const std::string& fraction = bound.value.fraction;
    return i < fraction.size() ? fraction[i] - '0' : 0;
  }

  bool may_end(size_t i, bool low, bool high) const {
    if (low && (i < range_.low.value.fraction.size() || range_.low.open)) return false;
    return !high || i < range_.high->value.fraction.size() || !range_.high->open;
  }

  TextNfa& nfa_;
  const Magnitudes& range_;
  const uint32_t end_;
  size_t length_ = 0;
  std::map<Key, uint32_t> whole_;  // of one length
  std::map<Key, uint32_t> fraction_;
};

int compare_magnitudes(const Decimal& a, const Decimal& b) {
  if (a.whole.size() != b.whole.size()) return a.whole.size() < b.whole.size() ? -1 : 1;
  if (a.whole != b.whole) return a.whole < b.whole ? -1 : 1;
  return a.fraction.compare(b.fraction);
}

bool is_zero(const Decimal& value) {
  return value.whole == "0" && value.fraction.empty();
}

}  // namespace

Decimal parse_decimal(const std::string& text) {
  Decimal value;
  std::string digits;
  int point = -1;
  int exponent = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '-') value.negative = true;
    if (c == '.') point = static_cast<int>(digits.size());
    if (c >= '0' && c <= '9') digits += c;
    if (c != 'e') continue;
    const size_t begin = i + (text[i + 1] == '+' ? 2 : 1);
    std::from_chars(text.data() + begin, text.data() + text.size(), exponent);
    break;
  }
  if (point < 0) point = static_cast<int>(digits.size());
  point += exponent;
  if (point <= 0) {
    digits.insert(0, static_cast<size_t>(1 - point), '0');
    point = 1;
  }
  if (static_cast<size_t>(point) > digits.size()) digits.resize(static_cast<size_t>(point), '0');
  value.whole = digits.substr(0, static_cast<size_t>(point));
  value.fraction = digits.substr(static_cast<size_t>(point));
  value.whole.erase(0, std::min(value.whole.find_first_not_of('0'), value.whole.size() - 1));
  value.fraction.erase(value.fraction.find_last_not_of('0') + 1);
  if (is_zero(value)) value.negative = false;
  return value;
}

bool is_less(const Decimal& a, const Decimal& b) {
  if (a.negative != b.negative) return a.negative;
  const int order = compare_magnitudes(a, b);
  return a.negative ? order > 0 : order < 0;
}

void raise_low(NumberRange& range, const NumberBound& bound) {
  if (!range.low || is_less(range.low->value, bound.value)) {
    range.low = bound;
  } else if (range.low->value == bound.value) {
    range.low->open |= bound.open;
  }
}

void lower_high(NumberRange& range, const NumberBound& bound) {
  if (!range.high || is_less(bound.value, range.high->value)) {
    range.high = bound;
  } else if (range.high->value == bound.value) {
    range.high->open |= bound.open;
  }
}

bool contains(const NumberRange& range, const Decimal& value) {
  if (range.low && (is_less(value, range.low->value) || (range.low->open && value == range.low->value)))
    return false;
  if (range.high && (is_less(range.high->value, value) || (range.high->open && value == range.high->value)))
    return false;
  return static_cast<int>(value.fraction.size()) <= range.max_fraction;
}

TextDfa number_dfa(const NumberRange& range, Work& work, const std::string& where) {
  if (range.free() && range.max_fraction == 0) {
    return compile_regex("0|-?[1-9][0-9]{0,17}", RegexMatch::kWhole, work, where);
  }
  if (range.free() && range.max_fraction == kMaxFractionDigits) {
    return compile_regex("-?(0|[1-9][0-9]{0,17})(\\.[0-9]{1,17})?([eE][+-]?[0-9]{1,2})?", RegexMatch::kWhole,
                         work, where);
  }
  TextNfa nfa(where);
  const uint32_t end = nfa.add_state();
  const NumberBound zero;
  if (!range.high || !range.high->value.negative) {
    const bool from_zero = !range.low || range.low->value.negative;
    const Magnitudes positive{from_zero ? zero : *range.low, range.high, range.max_fraction};
    MagnitudePaths(nfa, positive, end).add(TextNfa::kStart);
  }
  if (!range.low || range.low->value.negative) {
    const bool to_zero = !range.high || !range.high->value.negative;
    const Magnitudes negative{to_zero ? NumberBound{{}, true} : *range.high, range.low, range.max_fraction};
    const uint32_t sign = nfa.add_state();
    nfa.add_edge(TextNfa::kStart, CodeSet('-', '-'), sign);
    MagnitudePaths(nfa, negative, end).add(sign);
  }
  return nfa.to_dfa(end, work);
}

TextDfa multiples_of(int64_t divisor) {
  // States: the start, behind the sign, then remainders.
  TextDfa dfa;
  dfa.states.resize(static_cast<size_t>(divisor) + 2);
  const auto add_digits = [&](TextDfa::State& state, int64_t remainder) {
    for (uint32_t digit = 0; digit < 10; ++digit) {
      const auto target = static_cast<uint32_t>((remainder * 10 + digit) % divisor + 2);
      state.edges.push_back({'0' + digit, '0' + digit, target});
    }
  };
  dfa.states[0].edges.push_back({'-', '-', 1});
  add_digits(dfa.states[0], 0);
  add_digits(dfa.states[1], 0);
  for (int64_t remainder = 0; remainder < divisor; ++remainder) {
    TextDfa::State& state = dfa.states[static_cast<size_t>(remainder) + 2];
    state.final = remainder == 0;
    add_digits(state, remainder);
  }
  return dfa;
}

}  // namespace aurora::constrain
