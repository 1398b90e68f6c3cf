#include "aurora/chat/python_text.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>

#include "aurora/base/utf8.h"
#include "aurora/chat/character.h"
#include "aurora/chat/objects.h"

namespace aurora::chat {
namespace {

void append_repr(std::string& out, const Value& value, Meter& meter);

void append_list(std::string& out, const Values& items, Meter& meter) {
  bool first = true;
  for (const Value& item : items) {
    if (!first) out += ", ";
    first = false;
    append_repr(out, item, meter);
  }
}

void append_entries(std::string& out, const std::vector<std::pair<Value, Value>>& entries, Meter& meter) {
  out += '{';
  bool first = true;
  for (const auto& [key, value] : entries) {
    if (!first) out += ", ";
    first = false;
    append_repr(out, key, meter);
    out += ": ";
    append_repr(out, value, meter);
  }
  out += '}';
}

void append_view(std::string& out, const View& view, Meter& meter) {
  out += view.part == View::Part::kKeys     ? "dict_keys(["
         : view.part == View::Part::kValues ? "dict_values(["
                                            : "dict_items([";
  bool first = true;
  for (const auto& [key, value] : view.dict.dict().entries()) {
    if (!first) out += ", ";
    first = false;
    if (view.part == View::Part::kItems) out += '(';
    if (view.part != View::Part::kValues) append_repr(out, key, meter);
    if (view.part == View::Part::kItems) out += ", ";
    if (view.part != View::Part::kKeys) append_repr(out, value, meter);
    if (view.part == View::Part::kItems) out += ')';
  }
  out += "])";
}

std::string range_text(const Range& range) {
  if (range.step == 1) return fmt::format("range({}, {})", range.start, range.stop);
  return fmt::format("range({}, {}, {})", range.start, range.stop, range.step);
}

void append_repr(std::string& out, const Value& value, Meter& meter) {
  const Nesting nesting(meter);
  meter.spend();
  meter.check_bytes(out.size());
  switch (value.kind()) {
    case Kind::kMissing:
    case Kind::kUndefined:
      out += "Undefined";
      break;
    case Kind::kNone:
      out += "None";
      break;
    case Kind::kBool:
      out += value.truth_bit() ? "True" : "False";
      break;
    case Kind::kInt:
      out += std::to_string(value.whole());
      break;
    case Kind::kFloat:
      out += float_text(value.real());
      break;
    case Kind::kText:
      meter.spend_bytes(value.bytes().size());
      out += value.text().markup ? "Markup(" + quoted(value.bytes()) + ")" : quoted(value.bytes());
      break;
    case Kind::kList:
      out += '[';
      append_list(out, value.items(), meter);
      out += ']';
      break;
    case Kind::kTuple:
      out += '(';
      append_list(out, value.items(), meter);
      out += value.items().size() == 1 ? ",)" : ")";
      break;
    case Kind::kDict:
      append_entries(out, value.dict().entries(), meter);
      break;
    case Kind::kRange:
      out += range_text(value.object<Range>());
      break;
    case Kind::kView:
      append_view(out, value.object<View>(), meter);
      break;
    case Kind::kNamespace:
      out += "<Namespace ";
      append_entries(out, value.object<Namespace>().attributes, meter);
      out += '>';
      break;
    default:
      fail("a " + type_name(value) + " cannot be printed: Python would print its address");
  }
}

void append_escape(std::string& out, uint32_t code_point) {
  if (code_point < 0x100) {
    out += fmt::format("\\x{:02x}", code_point);
  } else if (code_point < 0x10000) {
    out += fmt::format("\\u{:04x}", code_point);
  } else {
    out += fmt::format("\\U{:08x}", code_point);
  }
}

}  // namespace

std::string float_text(double value) {
  if (std::isnan(value)) return "nan";
  if (std::isinf(value)) return value < 0 ? "-inf" : "inf";
  char buffer[64];
  const auto end =
      std::to_chars(buffer, buffer + sizeof buffer, std::abs(value), std::chars_format::scientific).ptr;
  std::string_view shortest(buffer, end);  // d.ddde±xx
  const size_t e = shortest.find('e');
  std::string digits(1, shortest[0]);
  if (e > 2) digits += shortest.substr(2, e - 2);
  int exponent = 0;
  std::string_view power = shortest.substr(e + 1);
  if (power.starts_with('+')) power.remove_prefix(1);
  std::from_chars(power.data(), power.data() + power.size(), exponent);
  std::string out = std::signbit(value) ? "-" : "";
  const int count = static_cast<int>(digits.size());
  if (exponent < -4 || exponent >= 16) {
    out += digits[0];
    if (count > 1) out += '.' + digits.substr(1);
    return out + fmt::format("e{}{:02}", exponent < 0 ? '-' : '+', std::abs(exponent));
  }
  if (exponent < 0) return out + "0." + std::string(static_cast<size_t>(-exponent - 1), '0') + digits;
  if (count <= exponent + 1)
    return out + digits + std::string(static_cast<size_t>(exponent + 1 - count), '0') + ".0";
  const auto point = static_cast<size_t>(exponent + 1);
  return out + digits.substr(0, point) + "." + digits.substr(point);
}

std::string quoted(std::string_view text) {
  const bool has_single = text.find('\'') != std::string_view::npos;
  const char quote = has_single && text.find('"') == std::string_view::npos ? '"' : '\'';
  std::string out(1, quote);
  for (size_t at = 0; at < text.size();) {
    const Decoded c = decode_utf8(text, at);
    if (c.code_point == static_cast<uint32_t>(quote) || c.code_point == '\\') {
      out += '\\';
      out += text[at];
    } else if (c.code_point == '\n') {
      out += "\\n";
    } else if (c.code_point == '\r') {
      out += "\\r";
    } else if (c.code_point == '\t') {
      out += "\\t";
    } else if (character_flags(c.code_point) & kPrintable) {
      out += text.substr(at, c.bytes);
    } else {
      append_escape(out, c.code_point);
    }
    at += c.bytes;
  }
  return out + quote;
}

std::string repr(const Value& value, Meter& meter) {
  std::string out;
  append_repr(out, value, meter);
  return out;
}

std::string to_text(const Value& value, Meter& meter) {
  if (value.is(Kind::kText)) {
    meter.spend_bytes(value.bytes().size());
    return value.bytes();
  }
  if (value.is(Kind::kUndefined)) return "";
  return repr(value, meter);
}

std::string escape_html(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '\'':
        out += "&#39;";
        break;
      case '"':
        out += "&#34;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

Value escaped(const Value& value, Meter& meter) {
  if (value.is(Kind::kText) && value.text().markup) return value;
  const std::string text = to_text(value, meter);
  meter.spend_bytes(text.size() * 6);
  return Value::text(escape_html(text), true);
}

}  // namespace aurora::chat
