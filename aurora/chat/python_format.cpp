#include "aurora/chat/python_format.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "aurora/base/utf8.h"
#include "aurora/chat/operators.h"
#include "aurora/chat/python_text.h"

namespace aurora::chat {
namespace {

constexpr int64_t kPrecisionMax = 400;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

int64_t take_number(std::string_view& text) {
  int64_t number = 0;
  while (!text.empty() && is_digit(text[0])) {
    number = number * 10 + (text[0] - '0');
    if (number > INT32_MAX) fail("too many decimal digits in format string");
    text.remove_prefix(1);
  }
  return number;
}

std::string grouped(const std::string& digits, char grouping, size_t size) {
  if (grouping == 0) return digits;
  const size_t end = std::min(digits.find_first_not_of("0123456789abcdefABCDEF"), digits.size());
  std::string out;
  for (size_t i = 0; i < end; ++i) {
    if (i > 0 && (end - i) % size == 0) out += grouping;
    out += digits[i];
  }
  return out + digits.substr(end);
}

std::string upper_ascii(std::string text) {
  for (char& c : text) c = static_cast<char>(c >= 'a' && c <= 'z' ? c - 32 : c);
  return text;
}

std::string digits_in_base(uint64_t magnitude, int base) {
  char buffer[64];
  return {buffer, std::to_chars(buffer, buffer + sizeof buffer, magnitude, base).ptr};
}

// The exponent of d.dde+xx has at least two digits, as to_chars writes it.
std::string float_digits(double magnitude, char type, int precision, bool alternate) {
  if (std::isnan(magnitude)) return "nan";
  if (std::isinf(magnitude)) return "inf";
  const char lower = static_cast<char>(type | 0x20);
  const auto form = lower == 'e'   ? std::chars_format::scientific
                    : lower == 'f' ? std::chars_format::fixed
                                   : std::chars_format::general;
  std::string out(static_cast<size_t>(kPrecisionMax) + 400, '\0');
  const auto end = std::to_chars(out.data(), out.data() + out.size(), magnitude, form, precision).ptr;
  out.resize(static_cast<size_t>(end - out.data()));
  if (alternate && out.find('.') == std::string::npos)
    fail("the '#' of a float format is not in the subset of Jinja that is known here");
  return out;
}

std::string put_number(const std::string& sign, const std::string& digits, const FormatSpec& spec,
                       Meter& meter) {
  if (spec.align == '=') {
    FormatSpec inner = spec;
    inner.width = std::max<int64_t>(0, spec.width - static_cast<int64_t>(sign.size()));
    inner.align = '>';
    if (spec.grouping != 0 && spec.fill == "0")
      fail("zeros with grouping are not in the subset of Jinja that is known here");
    return sign + padded(digits, inner, '>', meter);
  }
  return padded(sign + digits, spec, '>', meter);
}

std::string sign_of(bool negative, const FormatSpec& spec) {
  return negative ? "-" : spec.sign == '-' ? "" : std::string(1, spec.sign);
}

std::string format_float(double value, const FormatSpec& spec, Meter& meter) {
  const double magnitude = std::abs(value);
  std::string digits;
  if (spec.type == 0 || spec.type == 'n') {
    if (!spec.precision) {
      digits = float_text(magnitude);
    } else {
      digits = float_digits(magnitude, 'g', static_cast<int>(std::max<int64_t>(*spec.precision, 1)), false);
      if (digits.find_first_of(".einf") == std::string::npos) digits += ".0";
    }
  } else if (std::string_view("eEfFgG%").find(spec.type) == std::string_view::npos) {
    fail(std::string("unknown format code '") + spec.type + "' for object of type 'float'");
  } else {
    const bool percent = spec.type == '%';
    const int precision = static_cast<int>(spec.precision.value_or(6));
    digits = float_digits(percent ? magnitude * 100 : magnitude, percent ? 'f' : spec.type, precision,
                          spec.alternate);
    if (spec.type == 'E' || spec.type == 'G' || spec.type == 'F') digits = upper_ascii(digits);
    if (percent) digits += '%';
  }
  return put_number(sign_of(std::signbit(value) && !std::isnan(value), spec),
                    grouped(digits, spec.grouping, 3), spec, meter);
}

std::string format_integer(int64_t value, const FormatSpec& spec, Meter& meter) {
  if (spec.type != 0 && std::string_view("eEfFgG%").find(spec.type) != std::string_view::npos) {
    return format_float(static_cast<double>(value), spec, meter);
  }
  if (spec.precision) fail("precision not allowed in integer format specifier");
  if (spec.type == 'c') {
    if (value < 0 || value > 0x10ffff || (value >= 0xd800 && value < 0xe000)) fail("%c arg not in range");
    std::string out;
    append_utf8(out, static_cast<uint32_t>(value));
    return padded(out, spec, '<', meter);
  }
  const uint64_t magnitude =
      value < 0 ? uint64_t{0} - static_cast<uint64_t>(value) : static_cast<uint64_t>(value);
  int base = 10;
  std::string prefix;
  switch (spec.type) {
    case 0:
    case 'd':
    case 'n':
      break;
    case 'b':
      base = 2;
      prefix = "0b";
      break;
    case 'o':
      base = 8;
      prefix = "0o";
      break;
    case 'x':
      base = 16;
      prefix = "0x";
      break;
    case 'X':
      base = 16;
      prefix = "0X";
      break;
    default:
      fail(std::string("unknown format code '") + spec.type + "' for object of type 'int'");
  }
  std::string digits = digits_in_base(magnitude, base);
  if (spec.type == 'X') digits = upper_ascii(digits);
  digits = grouped(digits, spec.grouping, base == 10 ? 3 : 4);
  return put_number(sign_of(value < 0, spec) + (spec.alternate ? prefix : ""), digits, spec, meter);
}

std::string format_text(const Text& text, const FormatSpec& spec, Meter& meter) {
  if ((spec.type != 0 && spec.type != 's') || spec.sign != '-' || spec.alternate || spec.align == '=' ||
      spec.grouping != 0) {
    fail("this format does not suit a text");
  }
  const int64_t length = std::min(text.length, spec.precision.value_or(text.length));
  return padded(std::string(characters(text, 0, length)), spec, '<', meter);
}

}  // namespace

std::string padded(const std::string& text, const FormatSpec& spec, char default_align, Meter& meter) {
  const int64_t missing = spec.width - count_characters(text);
  if (missing <= 0) return text;
  meter.spend_product(spec.fill.size(), static_cast<uint64_t>(missing));
  const char align = spec.align != 0 ? spec.align : default_align;
  const int64_t left = align == '<' ? 0 : align == '^' ? missing / 2 : missing;
  std::string out;
  for (int64_t i = 0; i < left; ++i) out += spec.fill;
  out += text;
  for (int64_t i = left; i < missing; ++i) out += spec.fill;
  return out;
}

FormatSpec parse_format_spec(std::string_view text) {
  FormatSpec spec;
  const auto is_align = [](char c) { return c == '<' || c == '>' || c == '^' || c == '='; };
  bool explicit_fill = false;
  if (!text.empty()) {
    const uint32_t size = decode_utf8(text, 0).bytes;
    if (size < text.size() && is_align(text[size])) {
      spec.fill = text.substr(0, size);
      spec.align = text[size];
      text.remove_prefix(size + 1);
      explicit_fill = true;
    } else if (is_align(text[0])) {
      spec.align = text[0];
      text.remove_prefix(1);
    }
  }
  const auto take = [&](std::string_view any) {
    if (text.empty() || any.find(text[0]) == std::string_view::npos) return char{0};
    const char c = text[0];
    text.remove_prefix(1);
    return c;
  };
  if (const char sign = take("+- ")) spec.sign = sign;
  spec.alternate = take("#") != 0;
  if (take("0") != 0) {
    if (!explicit_fill) spec.fill = "0";
    if (spec.align == 0) spec.align = '=';
  }
  spec.width = take_number(text);
  spec.grouping = take(",_");
  if (take(".") != 0) {
    if (text.empty() || !is_digit(text[0])) fail("format specifier missing precision");
    spec.precision = take_number(text);
  }
  spec.type = text.empty() ? char{0} : text[0];
  if (text.size() > 1) fail("invalid format specifier");
  return spec;
}

std::string format_value(const Value& value, const FormatSpec& spec, Meter& meter) {
  if (value.is(Kind::kText)) return format_text(value.text(), spec, meter);
  if (spec.precision.value_or(0) > kPrecisionMax) fail("precision too large");
  if (value.is(Kind::kFloat)) return format_float(value.real(), spec, meter);
  if (value.is_integral()) return format_integer(value.whole(), spec, meter);
  fail("unsupported format string passed to " + type_name(value) + ".__format__");
}

}  // namespace aurora::chat
