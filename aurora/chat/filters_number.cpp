// Filters about numbers, and default.
#include <charconv>
#include <cmath>

#include "aurora/base/utf8.h"
#include "aurora/chat/character.h"
#include "aurora/chat/operators.h"
#include "aurora/chat/tables.h"

namespace aurora::chat {
namespace {

// Without white space at the ends, decimal digits of any script as ASCII, single underscores between digits
// gone. Nothing if an underscore stands elsewhere.
std::optional<std::string> plain_number(std::string_view text) {
  text = strip_right(strip_left(text));
  std::string out;
  for (size_t at = 0; at < text.size();) {
    const Decoded c = decode_utf8(text, at);
    if (c.code_point >= 0x80 && (character_flags(c.code_point) & kDecimal)) {
      out += static_cast<char>('0' + decimal_value(c.code_point));
    } else {
      out += text.substr(at, c.bytes);
    }
    at += c.bytes;
  }
  const auto is_alnum = [&](size_t i) {
    return i < out.size() && ((out[i] >= '0' && out[i] <= '9') || (out[i] >= 'a' && out[i] <= 'z') ||
                              (out[i] >= 'A' && out[i] <= 'Z'));
  };
  std::string plain;
  for (size_t i = 0; i < out.size(); ++i) {
    if (out[i] != '_') {
      plain += out[i];
    } else if (i == 0 || !is_alnum(i - 1) || !is_alnum(i + 1)) {
      return std::nullopt;
    }
  }
  return plain;
}

bool is_word(std::string_view text, std::string_view word) {
  return to_lower(text) == word;
}

Value absolute(Call& call) {
  const Value& value = call.subject;
  if (value.is(Kind::kFloat)) return Value::real(std::abs(value.real()));
  if (!value.is_integral()) fail("bad operand type for abs()");
  return value.whole() < 0 ? negative(value) : positive(value);
}

Value default_value(Call& call) {
  const bool missing = call.subject.is(Kind::kUndefined) || (call.flag(1) && !is_true(call.subject));
  return missing ? call.arg(0, Value::text("")) : call.subject;
}

int64_t whole_of(double value) {
  if (!(std::abs(value) < 0x1p63)) fail("the float does not fit a 64-bit integer");
  return static_cast<int64_t>(value);
}

Value integer(Call& call) {
  const Value& value = call.subject;
  if (value.is_integral()) return Value::integer(value.whole());
  if (value.is(Kind::kUndefined)) fail(value.message());
  const Value otherwise = call.arg(0, Value::integer(0));
  if (value.is(Kind::kFloat))
    return std::isnan(value.real()) ? otherwise : Value::integer(whole_of(value.real()));
  if (!value.is(Kind::kText)) return otherwise;
  const int64_t base = call.has(1) ? to_index(call.args[1]) : 10;
  if (base == 0 || (base >= 2 && base <= 36)) {
    if (const auto whole = parse_integer(value.bytes(), static_cast<int>(base)))
      return Value::integer(*whole);
  }
  const auto number = parse_float(value.bytes());
  return number && std::isfinite(*number) ? Value::integer(whole_of(*number)) : otherwise;
}

Value floating(Call& call) {
  const Value& value = call.subject;
  if (value.is_number()) return Value::real(value.number());
  if (value.is(Kind::kUndefined)) fail(value.message());
  if (value.is(Kind::kText)) {
    if (const auto number = parse_float(value.bytes())) return Value::real(*number);
  }
  return call.arg(0, Value::real(0));
}

// To a number of digits after the point, ties of the exact decimal value to even, as Python's round.
double rounded(double value, int64_t digits) {
  if (!std::isfinite(value) || digits > 323) return value;
  if (digits < -308) return std::copysign(0.0, value);
  if (digits < 0) {
    const double scale = std::pow(10.0, static_cast<double>(-digits));
    return std::nearbyint(value / scale) * scale;
  }
  char buffer[700];
  const auto end =
      std::to_chars(buffer, buffer + sizeof buffer, value, std::chars_format::fixed, static_cast<int>(digits))
          .ptr;
  double result = value;
  std::from_chars(buffer, end, result);
  return result;
}

Value rounded_integer(const Value& value, int64_t digits, Meter& meter) {
  if (digits >= 0) return Value::integer(value.whole());
  if (digits < -18) return Value::integer(0);
  int64_t scale = 1;
  for (int64_t i = 0; i < -digits; ++i) scale *= 10;
  meter.spend();
  const __int128 whole = value.whole(), half = scale / 2;
  __int128 quotient = whole >= 0 ? whole / scale : -((-whole + scale - 1) / scale);
  const __int128 rest = whole - quotient * scale;
  if (rest > half || (rest == half && quotient % 2 != 0)) ++quotient;
  const __int128 result = quotient * scale;
  if (result > INT64_MAX || result < INT64_MIN) fail("the integer does not fit 64 bits");
  return Value::integer(static_cast<int64_t>(result));
}

Value round_filter(Call& call) {
  const std::string method = call.has(1) && call.args[1].is(Kind::kText) ? call.args[1].bytes()
                             : call.has(1)                               ? ""
                                                                         : "common";
  if (method != "common" && method != "ceil" && method != "floor")
    fail("method must be common, ceil or floor");
  const Value& value = call.subject;
  if (!value.is_number()) fail("type " + type_name(value) + " doesn't define __round__ method");
  const Value precision = call.arg(0, Value::integer(0));
  if (method == "common") {
    if (precision.is(Kind::kNone)) {
      return value.is(Kind::kFloat) ? Value::integer(whole_of(std::nearbyint(value.real())))
                                    : Value::integer(value.whole());
    }
    const int64_t digits = to_index(precision);
    return value.is(Kind::kFloat) ? Value::real(rounded(value.real(), digits))
                                  : rounded_integer(value, digits, call.meter);
  }
  const Value scale = arithmetic(Operator::kPower, Value::integer(10), precision, call.runtime);
  const Value scaled = arithmetic(Operator::kMultiply, value, scale, call.runtime);
  const double turned = method == "ceil" ? std::ceil(scaled.number()) : std::floor(scaled.number());
  const Value whole = scaled.is_integral() ? scaled : Value::integer(whole_of(turned));
  return arithmetic(Operator::kDivide, whole, scale, call.runtime);
}

constexpr Entry kFilters[] = {
    {"abs", "/", absolute},
    {"d", "default_value? boolean?", default_value},
    {"default", "default_value? boolean?", default_value},
    {"float", "default?", floating},
    {"int", "default? base?", integer},
    {"round", "precision? method?", round_filter},
};

}  // namespace

std::optional<int64_t> parse_integer(std::string_view text, int base) {
  const std::optional<std::string> plain = plain_number(text);
  if (!plain) return std::nullopt;
  std::string_view rest = *plain;
  const bool negative = rest.starts_with('-');
  if (negative || rest.starts_with('+')) rest.remove_prefix(1);
  const char letter = rest.size() > 1 && rest[0] == '0' ? static_cast<char>(rest[1] | 0x20) : ' ';
  const int named = letter == 'x' ? 16 : letter == 'o' ? 8 : letter == 'b' ? 2 : 0;
  if (named != 0 && (base == named || base == 0)) {
    rest.remove_prefix(2);
    base = named;
  } else if (base == 0) {
    if (rest.size() > 1 && rest[0] == '0' && rest.find_first_not_of('0') != std::string_view::npos)
      return std::nullopt;
    base = 10;
  }
  if (rest.empty() || rest[0] == '-') return std::nullopt;
  const std::string digits = (negative ? "-" : "") + std::string(rest);
  int64_t whole = 0;
  const auto [end, status] = std::from_chars(digits.data(), digits.data() + digits.size(), whole, base);
  if (end != digits.data() + digits.size()) return std::nullopt;
  if (status == std::errc::result_out_of_range) fail("the integer does not fit 64 bits");
  return status == std::errc() ? std::optional(whole) : std::nullopt;
}

std::optional<double> parse_float(std::string_view text) {
  const std::optional<std::string> plain = plain_number(text);
  if (!plain) return std::nullopt;
  std::string_view rest = *plain;
  const bool negative = rest.starts_with('-');
  if (negative || rest.starts_with('+')) rest.remove_prefix(1);
  const double sign = negative ? -1 : 1;
  if (is_word(rest, "inf") || is_word(rest, "infinity")) return sign * INFINITY;
  if (is_word(rest, "nan")) return NAN;
  if (rest.empty() || rest.find_first_not_of("0123456789.eE+-") != std::string_view::npos || rest[0] == '-' ||
      rest[0] == '+') {
    return std::nullopt;
  }
  double number = 0;
  const auto [end, status] = std::from_chars(rest.data(), rest.data() + rest.size(), number);
  if (end != rest.data() + rest.size() || status == std::errc::invalid_argument) return std::nullopt;
  // Out of range: too large, or too small to tell from zero.
  if (status != std::errc()) {
    const size_t exponent = rest.find_first_of("eE");
    const bool small = exponent != std::string_view::npos && rest.substr(exponent + 1).starts_with('-');
    number = small ? 0 : INFINITY;
  }
  return sign * number;
}

std::span<const Entry> number_filters() {
  return kFilters;
}

}  // namespace aurora::chat
