#include "aurora/megatron/python_json.h"

#include <array>
#include <charconv>
#include <cmath>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "aurora/base/error.h"
#include "aurora/base/utf8.h"

namespace aurora::megatron {

namespace {

using Json = nlohmann::ordered_json;

void append_unit(std::string& out, uint32_t unit) {
  out += fmt::format("\\u{:04x}", unit);
}

void append_character(std::string& out, uint32_t point) {
  constexpr std::string_view kShort = "\"\\\n\r\t\f\b";
  constexpr std::string_view kLetters = "\"\\nrtfb";
  if (point < 0x80) {
    if (const size_t at = kShort.find(static_cast<char>(point)); at != std::string_view::npos) {
      out += '\\';
      out += kLetters[at];
    } else if (point >= ' ' && point <= '~') {
      out += static_cast<char>(point);
    } else {
      append_unit(out, point);
    }
  } else if (point < 0x10000) {
    append_unit(out, point);
  } else {
    append_unit(out, 0xd800 + ((point - 0x10000) >> 10));
    append_unit(out, 0xdc00 + ((point - 0x10000) & 0x3ff));
  }
}

void append_string(std::string& out, std::string_view text) {
  out += '"';
  for (size_t at = 0; at < text.size();) {
    const Decoded character = decode_utf8(text, at);
    // Python's "surrogateescape": byte 0x80+n of a path that is no UTF-8 is U+DC80+n.
    append_character(out,
                     character.valid ? character.code_point : 0xdc00 + static_cast<unsigned char>(text[at]));
    at += character.bytes;
  }
  out += '"';
}

void append_value(std::string& out, const Json& value, size_t depth) {
  if (value.is_string()) {
    append_string(out, value.get_ref<const std::string&>());
  } else if (value.is_number_float()) {
    out += python_float(value.get<double>());
  } else if (!value.is_structured()) {
    out += value.dump();  // null, true, false, integers
  } else if (value.empty()) {
    out += value.is_array() ? "[]" : "{}";
  } else {
    out += value.is_array() ? '[' : '{';
    bool first = true;
    for (const auto& item : value.items()) {
      out += first ? "\n" : ",\n";
      first = false;
      out.append(4 * (depth + 1), ' ');
      if (value.is_object()) {
        append_string(out, item.key());
        out += ": ";
      }
      append_value(out, item.value(), depth + 1);
    }
    out += '\n';
    out.append(4 * depth, ' ');
    out += value.is_array() ? ']' : '}';
  }
}

}  // namespace

std::string python_dumps(const Json& value) {
  std::string out;
  append_value(out, value, 0);
  return out;
}

std::string python_float(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "Infinity" : "-Infinity";
  // The shortest digits that read back as the value, as d.ddde+xx.
  std::array<char, 40> buffer;
  const auto end =
      std::to_chars(buffer.data(), buffer.data() + buffer.size(), value, std::chars_format::scientific);
  const std::string_view text(buffer.data(), static_cast<size_t>(end.ptr - buffer.data()));
  const size_t mark = text.find('e');
  int exponent = 0;
  const char* const digits_of_exponent = text.data() + mark + (text[mark + 1] == '+' ? 2 : 1);
  std::from_chars(digits_of_exponent, text.data() + text.size(), exponent);
  if (exponent < -4 || exponent >= 16) return std::string(text);

  std::string sign;
  std::string digits;
  for (const char c : text.substr(0, mark)) {
    if (c == '-') sign = "-";
    if (c >= '0' && c <= '9') digits += c;
  }
  if (exponent < 0) return sign + "0." + std::string(static_cast<size_t>(-exponent - 1), '0') + digits;
  const size_t whole = static_cast<size_t>(exponent) + 1;
  if (digits.size() < whole) digits.append(whole - digits.size(), '0');
  const std::string fraction = digits.substr(whole);
  return sign + digits.substr(0, whole) + "." + (fraction.empty() ? "0" : fraction);
}

Json parse_json(std::string_view text, const std::string& where) {
  Json value = Json::parse(text, nullptr, false);
  if (value.is_discarded()) throw Error("no JSON", where, "give one JSON value, in quotes on a command line");
  return value;
}

}  // namespace aurora::megatron
