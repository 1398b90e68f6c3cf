// Filters that make texts.
#include <algorithm>

#include "aurora/base/utf8.h"
#include "aurora/chat/character.h"
#include "aurora/chat/operators.h"
#include "aurora/chat/python_format.h"
#include "aurora/chat/python_text.h"
#include "aurora/chat/tables.h"

namespace aurora::chat {
namespace {

Value with_markup_of(const Value& subject, std::string text) {
  return Value::text(std::move(text), subject.is(Kind::kText) && subject.text().markup);
}

Value capitalize(Call& call) {
  const Value text = soft_text(call.subject, call.meter);
  return with_markup_of(text, to_capitalized(text.bytes()));
}
Value upper(Call& call) {
  const Value text = soft_text(call.subject, call.meter);
  return with_markup_of(text, to_upper(text.bytes()));
}
Value lower(Call& call) {
  const Value text = soft_text(call.subject, call.meter);
  return with_markup_of(text, to_lower(text.bytes()));
}

// Words begin after white space and - ( { [ <; unlike str.title, which looks at letters.
Value title(Call& call) {
  const std::string text = to_text(call.subject, call.meter);
  const auto separates = [](uint32_t c) {
    return is_space(c) || c == '-' || c == '(' || c == '{' || c == '[' || c == '<';
  };
  std::string out;
  for (size_t at = 0; at < text.size();) {
    const Decoded first = decode_utf8(text, at);
    append_upper(out, first.code_point);
    const size_t rest = at + first.bytes;
    size_t end = rest;
    while (end < text.size() && separates(decode_utf8(text, end).code_point) == separates(first.code_point)) {
      end += decode_utf8(text, end).bytes;
    }
    out += to_lower(std::string_view(text).substr(rest, end - rest));
    at = end;
  }
  return Value::text(std::move(out));
}

Value center(Call& call) {
  const Value text = soft_text(call.subject, call.meter);
  const int64_t width = call.has(0) ? to_index(call.args[0]) : 80;
  return with_markup_of(text, centered(text.text(), width, " ", call.meter));
}

Value trim(Call& call) {
  const Value text = soft_text(call.subject, call.meter);
  const bool given = call.has(0) && !call.args[0].is(Kind::kNone);
  if (given && !call.args[0].is(Kind::kText)) fail("strip arg must be None or str");
  const std::string* chars = given ? &call.args[0].bytes() : nullptr;
  return with_markup_of(text, std::string(stripped(text.bytes(), chars, true, true, call.meter)));
}

Value replace(Call& call) {
  const std::string text = to_text(call.subject, call.meter);
  const bool counted = call.has(2) && !call.args[2].is(Kind::kNone);
  return Value::text(replaced(text, to_text(call.args[0], call.meter), to_text(call.args[1], call.meter),
                              counted ? to_index(call.args[2]) : -1, call.meter));
}

Value string(Call& call) {
  return soft_text(call.subject, call.meter);
}
Value safe(Call& call) {
  return Value::text(to_text(call.subject, call.meter), true);
}
Value escape(Call& call) {
  return escaped(call.subject, call.meter);
}
Value force_escape(Call& call) {
  return escaped(Value::text(to_text(call.subject, call.meter)), call.meter);
}

Value format(Call& call) {
  if (!call.rest.positional.empty() && !call.rest.named.empty()) {
    fail("can't handle positional and keyword arguments at the same time");
  }
  const Value text = soft_text(call.subject, call.meter);
  if (call.rest.named.empty()) return percent_format(text, Value::tuple(call.rest.positional), call.runtime);
  std::vector<std::pair<Value, Value>> entries;
  for (const auto& [name, value] : call.rest.named) entries.emplace_back(Value::text(name), value);
  return percent_format(text, Value::dict(std::move(entries), call.meter), call.runtime);
}

Value indent(Call& call) {
  if (!call.subject.is(Kind::kText)) {
    fail(call.subject.is(Kind::kUndefined) ? call.subject.message() : "only a text can be indented");
  }
  std::string by = "    ";
  if (call.has(0) && call.args[0].is(Kind::kText)) {
    by = call.args[0].bytes();
  } else if (call.has(0)) {
    const int64_t width = std::max<int64_t>(0, to_index(call.args[0]));
    call.meter.spend_product(1, static_cast<uint64_t>(width));
    by.assign(static_cast<size_t>(width), ' ');
  }
  const std::string text = call.subject.bytes() + "\n";
  const std::vector<std::string_view> lines = split_lines(text, false);
  call.meter.spend_product(by.size() + 1, lines.size());
  std::string out = call.flag(1) ? by : "";
  for (size_t i = 0; i < lines.size(); ++i) {
    if (i > 0) out += '\n';
    if (i > 0 && (call.flag(2) || !lines[i].empty())) out += by;
    out += lines[i];
  }
  return with_markup_of(call.subject, std::move(out));
}

Value truncate(Call& call) {
  const int64_t length = call.has(0) ? to_index(call.args[0]) : 255;
  const Value end = call.arg(2, Value::text("..."));
  const bool given = call.has(3) && !call.args[3].is(Kind::kNone);
  const int64_t leeway = given ? to_index(call.args[3]) : 5;
  const std::optional<int64_t> end_length = length_of(end), subject_length = length_of(call.subject);
  if (!end_length || !subject_length) fail("truncate takes texts");
  if (length < *end_length)
    fail("expected length >= " + std::to_string(*end_length) + ", got " + std::to_string(length));
  if (leeway < 0) fail("expected leeway >= 0, got " + std::to_string(leeway));
  if (*subject_length <= length || *subject_length - length <= leeway) return call.subject;
  if (!call.subject.is(Kind::kText) || !end.is(Kind::kText)) fail("truncate takes texts");
  std::string_view kept = characters(call.subject.text(), 0, length - *end_length);
  if (!call.flag(1)) kept = kept.substr(0, kept.rfind(' '));
  return add_texts(with_markup_of(call.subject, std::string(kept)), end, call.meter);
}

Value word_count(Call& call) {
  const std::string text = to_text(call.subject, call.meter);
  int64_t count = 0;
  bool inside = false;
  for (size_t at = 0; at < text.size();) {
    const Decoded c = decode_utf8(text, at);
    const bool word =
        c.code_point == '_' || (character_flags(c.code_point) & (kAlpha | kDecimal | kDigit | kNumeric)) != 0;
    count += word && !inside;
    inside = word;
    at += c.bytes;
  }
  return Value::integer(count);
}

std::string url_quoted(const std::string& text, bool for_query, Meter& meter) {
  meter.spend_product(text.size(), 3);
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       std::string_view("_.-~").find(c) != std::string_view::npos || (c == '/' && !for_query);
    if (plain) {
      out += c;
    } else if (c == ' ' && for_query) {
      out += '+';
    } else {
      out += '%';
      out += kDigits[static_cast<uint8_t>(c) >> 4];
      out += kDigits[static_cast<uint8_t>(c) & 15];
    }
  }
  return out;
}

Value url_encode(Call& call) {
  if (call.subject.is(Kind::kText) || !is_iterable(call.subject)) {
    return Value::text(url_quoted(to_text(call.subject, call.meter), false, call.meter));
  }
  const bool is_dict = call.subject.is(Kind::kDict);
  const Value pairs =
      is_dict ? Value::object(Kind::kView, std::make_shared<View>(call.subject, View::Part::kItems))
              : call.subject;
  std::string out;
  const Next next = iterate(call.runtime, pairs);
  for (Value pair; next(pair);) {
    const Values both = to_values(call.runtime, pair);
    if (both.size() != 2) fail("urlencode takes pairs");
    if (!out.empty()) out += '&';
    out += url_quoted(to_text(both[0], call.meter), true, call.meter) + "=" +
           url_quoted(to_text(both[1], call.meter), true, call.meter);
    call.meter.check_bytes(out.size());
  }
  return Value::text(std::move(out));
}

Value xml_attributes(Call& call) {
  if (!call.subject.is(Kind::kDict)) {
    fail(call.subject.is(Kind::kUndefined) ? call.subject.message() : "xmlattr takes a mapping");
  }
  std::string out;
  for (const auto& [key, value] : call.subject.dict().entries()) {
    if (value.is(Kind::kNone) || value.is(Kind::kUndefined)) continue;
    if (!key.is(Kind::kText)) fail("expected string or bytes-like object");
    if (key.bytes().find_first_of(" \t\n\r\f\v/>=") != std::string::npos) {
      fail("invalid character in attribute name: " + quoted(key.bytes()));
    }
    if (!out.empty()) out += ' ';
    out += escaped(key, call.meter).bytes() + "=\"" + escaped(value, call.meter).bytes() + "\"";
    call.meter.check_bytes(out.size());
  }
  const bool space = !call.has(0) || is_true(call.args[0]);
  return Value::text((space && !out.empty() ? " " : "") + out);
}

std::string json_indent(const Value& value, Meter& meter) {
  if (value.is(Kind::kText)) return value.bytes();
  const int64_t width = std::max<int64_t>(0, to_index(value));
  meter.spend_product(1, static_cast<uint64_t>(width));
  return std::string(static_cast<size_t>(width), ' ');
}

Value to_json_filter(Call& call) {
  JsonStyle style;
  style.ascii_only = call.flag(0);
  style.sort_keys = call.flag(3);
  if (call.has(1) && !call.args[1].is(Kind::kNone)) {
    style.pretty = true;
    style.indent = json_indent(call.args[1], call.meter);
    style.item_separator = ",";
  }
  if (call.has(2) && !call.args[2].is(Kind::kNone)) {
    const Values both = to_values(call.runtime, call.args[2]);
    if (both.size() != 2 || !both[0].is(Kind::kText) || !both[1].is(Kind::kText))
      fail("separators must be two texts");
    style.item_separator = both[0].bytes();
    style.key_separator = both[1].bytes();
  }
  return Value::text(to_json(call.subject, style, call.meter));
}

constexpr Entry kFilters[] = {
    {"capitalize", "", capitalize},
    {"center", "width?", center},
    {"e", "/", escape},
    {"escape", "/", escape},
    {"forceescape", "", force_escape},
    {"format", "*", format},
    {"indent", "width? first? blank?", indent},
    {"lower", "", lower},
    {"replace", "old new count?", replace},
    {"safe", "", safe},
    {"string", "", string},
    {"title", "", title},
    {"tojson", "ensure_ascii? indent? separators? sort_keys?", to_json_filter},
    {"trim", "chars?", trim},
    {"truncate", "length? killwords? end? leeway?", truncate},
    {"upper", "", upper},
    {"urlencode", "", url_encode},
    {"wordcount", "", word_count},
    {"xmlattr", "autospace?", xml_attributes},
};

}  // namespace

std::span<const Entry> text_filters() {
  return kFilters;
}

}  // namespace aurora::chat
