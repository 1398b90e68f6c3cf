// str's methods. Those of a Markup give Markup, and escape what they put in.
#include <algorithm>

#include "aurora/base/utf8.h"
#include "aurora/chat/character.h"
#include "aurora/chat/find.h"
#include "aurora/chat/operators.h"
#include "aurora/chat/python_format.h"
#include "aurora/chat/python_text.h"
#include "aurora/chat/tables.h"

namespace aurora::chat {
namespace {

const std::string& subject(const Call& call) {
  return call.subject.bytes();
}
Value same(const Call& call, std::string text) {
  return Value::text(std::move(text), call.subject.text().markup);
}
Value same(const Call& call, std::string_view text) {
  return same(call, std::string(text));
}

const std::string& text_argument(const Call& call, size_t i) {
  if (!call.args[i].is(Kind::kText)) fail("argument must be str, not " + type_name(call.args[i]));
  return call.args[i].bytes();
}

// As Markup escapes an argument; as it is for a plain text.
std::string put_in(const Call& call, size_t i) {
  if (!call.subject.text().markup) return text_argument(call, i);
  return escaped(call.args[i], call.meter).bytes();
}

Value upper(Call& call) {
  return same(call, to_upper(subject(call)));
}
Value lower(Call& call) {
  return same(call, to_lower(subject(call)));
}
Value title(Call& call) {
  return same(call, to_title(subject(call)));
}
Value capitalize(Call& call) {
  return same(call, to_capitalized(subject(call)));
}
Value swapcase(Call& call) {
  return same(call, to_swapped_case(subject(call)));
}

template <bool left, bool right>
Value strip(Call& call) {
  const bool given = call.has(0) && !call.args[0].is(Kind::kNone);
  const std::string* chars = given ? &text_argument(call, 0) : nullptr;
  return same(call, stripped(subject(call), chars, left, right, call.meter));
}

// The part of a text between two arguments, as find, count and startswith take them.
struct Window {
  std::string_view text;
  int64_t start = 0;  // in characters
  size_t offset = 0;  // the same in bytes
  bool valid = true;  // is start within the text?
};
Window window(const Call& call, size_t first) {
  const Text& text = call.subject.text();
  const auto bound = [&](size_t i, int64_t otherwise) {
    if (!call.has(i) || call.args[i].is(Kind::kNone)) return otherwise;
    const int64_t index = to_index(call.args[i]);
    return index < 0 ? std::max<int64_t>(0, index + text.length) : index;
  };
  Window found;
  found.start = bound(first, 0);
  const int64_t end = std::min(bound(first + 1, text.length), text.length);
  found.valid = found.start <= text.length && found.start <= end;
  if (!found.valid) return found;
  found.text = characters(text, found.start, end);
  found.offset = static_cast<size_t>(found.text.data() - text.bytes.data());
  return found;
}

template <bool from_right, bool must>
Value find(Call& call) {
  const std::string& wanted = text_argument(call, 0);
  const Window part = window(call, 1);
  size_t at = std::string::npos;
  if (part.valid) {
    at = from_right ? rfind_bytes(part.text, wanted, std::string::npos, call.meter)
                    : find_bytes(part.text, wanted, 0);
  }
  if (at == std::string::npos) {
    if (must) fail("substring not found");
    return Value::integer(-1);
  }
  return Value::integer(part.start + count_characters(part.text.substr(0, at)));
}

Value count(Call& call) {
  const std::string& wanted = text_argument(call, 0);
  const Window part = window(call, 1);
  if (!part.valid) return Value::integer(0);
  if (wanted.empty()) return Value::integer(count_characters(part.text) + 1);
  int64_t count = 0;
  for (size_t at = 0; (at = find_bytes(part.text, wanted, at)) != std::string::npos; at += wanted.size())
    ++count;
  return Value::integer(count);
}

template <bool at_end>
Value touches(Call& call) {
  const Window part = window(call, 1);
  const Value wanted = call.args[0];
  const Values all = wanted.is(Kind::kTuple) ? wanted.items() : Values{wanted};
  bool any = false;
  for (const Value& one : all) {
    if (!one.is(Kind::kText)) fail("first arg must be str or a tuple of str, not " + type_name(one));
    call.meter.spend_bytes(one.bytes().size());
    any = any ||
          (part.valid && (at_end ? part.text.ends_with(one.bytes()) : part.text.starts_with(one.bytes())));
  }
  return Value::boolean(any);
}

Value replace(Call& call) {
  const int64_t times = call.has(2) ? to_index(call.args[2]) : -1;
  return same(call, replaced(subject(call), text_argument(call, 0), put_in(call, 1), times, call.meter));
}

Value join(Call& call) {
  const bool markup = call.subject.text().markup;
  std::string out;
  size_t at = 0;
  const Next next = iterate(call.runtime, call.args[0]);
  for (Value item; next(item); ++at) {
    if (!markup && !item.is(Kind::kText)) {
      fail("sequence item " + std::to_string(at) + ": expected str instance, " + type_name(item) + " found");
    }
    if (at > 0) out += subject(call);
    out += markup ? escaped(item, call.meter).bytes() : item.bytes();
    call.meter.spend_bytes(subject(call).size() + item.depth());
    call.meter.check_bytes(out.size());
  }
  return same(call, std::move(out));
}

Value listed(const Call& call, const std::vector<std::string_view>& pieces) {
  call.meter.spend(pieces.size());
  Values out;
  for (const std::string_view piece : pieces) out.push_back(same(call, piece));
  return Value::list(std::move(out));
}

std::vector<std::string_view> split_space(std::string_view text, uint64_t times) {
  std::vector<std::string_view> pieces;
  for (text = strip_left(text); !text.empty(); text = strip_left(text)) {
    if (times-- == 0) {
      pieces.push_back(text);
      break;
    }
    size_t end = 0;
    while (end < text.size()) {
      const Decoded c = decode_utf8(text, end);
      if (is_space(c.code_point)) break;
      end += c.bytes;
    }
    pieces.push_back(text.substr(0, end));
    text.remove_prefix(end);
  }
  return pieces;
}

std::vector<std::string_view> split_space_right(std::string_view text, uint64_t times) {
  std::vector<std::string_view> pieces;
  for (text = strip_right(text); !text.empty(); text = strip_right(text)) {
    if (times-- == 0) {
      pieces.push_back(text);
      break;
    }
    size_t start = text.size();
    while (start > 0) {
      size_t before = start - 1;
      while (before > 0 && (text[before] & 0xc0) == 0x80) --before;
      if (is_space(decode_utf8(text, before).code_point)) break;
      start = before;
    }
    pieces.push_back(text.substr(start));
    text = text.substr(0, start);
  }
  std::reverse(pieces.begin(), pieces.end());
  return pieces;
}

uint64_t times_of(const Call& call) {
  const int64_t times = call.has(1) ? to_index(call.args[1]) : -1;
  return times < 0 ? UINT64_MAX : static_cast<uint64_t>(times);
}

template <bool from_right>
Value split(Call& call) {
  uint64_t times = times_of(call);
  std::string_view text = subject(call);
  if (!call.has(0) || call.args[0].is(Kind::kNone)) {
    return listed(call, from_right ? split_space_right(text, times) : split_space(text, times));
  }
  const std::string& separator = text_argument(call, 0);
  if (separator.empty()) fail("empty separator");
  std::vector<std::string_view> pieces;
  for (; times > 0; --times) {
    const size_t at = from_right ? rfind_bytes(text, separator, std::string::npos, call.meter)
                                 : find_bytes(text, separator, 0);
    if (at == std::string::npos) break;
    call.meter.spend();
    pieces.push_back(from_right ? text.substr(at + separator.size()) : text.substr(0, at));
    text = from_right ? text.substr(0, at) : text.substr(at + separator.size());
  }
  pieces.push_back(text);
  if (from_right) std::reverse(pieces.begin(), pieces.end());
  return listed(call, pieces);
}

template <bool from_right>
Value partition(Call& call) {
  const std::string& separator = text_argument(call, 0);
  if (separator.empty()) fail("empty separator");
  const std::string_view text = subject(call);
  const size_t at = from_right ? rfind_bytes(text, separator, std::string::npos, call.meter)
                               : find_bytes(text, separator, 0);
  const Value nothing = same(call, std::string());
  if (at == std::string::npos) {
    return from_right ? Value::tuple({nothing, nothing, call.subject})
                      : Value::tuple({call.subject, nothing, nothing});
  }
  return Value::tuple({same(call, text.substr(0, at)), same(call, separator),
                       same(call, text.substr(at + separator.size()))});
}

Value splitlines(Call& call) {
  return listed(call, split_lines(subject(call), call.flag(0)));
}

Value remove_prefix(Call& call) {
  std::string_view text = subject(call);
  if (text.starts_with(text_argument(call, 0))) text.remove_prefix(call.args[0].bytes().size());
  return same(call, text);
}
Value remove_suffix(Call& call) {
  std::string_view text = subject(call);
  if (text.ends_with(text_argument(call, 0))) text.remove_suffix(call.args[0].bytes().size());
  return same(call, text);
}

// side: < > or ^ for the text's.
template <char side>
Value justify(Call& call) {
  const int64_t width = to_index(call.args[0]);
  const std::string fill = call.has(1) ? put_in(call, 1) : " ";
  if (count_characters(fill) != 1) fail("the fill character must be exactly one character long");
  if (side == '^') return same(call, centered(call.subject.text(), width, fill, call.meter));
  FormatSpec spec;
  spec.fill = fill;
  spec.width = width;
  return same(call, padded(subject(call), spec, side, call.meter));
}

Value zfill(Call& call) {
  const std::string& text = subject(call);
  const size_t sign = !text.empty() && (text[0] == '-' || text[0] == '+') ? 1 : 0;
  FormatSpec spec;
  spec.fill = "0";
  spec.width = to_index(call.args[0]);
  if (spec.width <= call.subject.text().length) return call.subject;
  spec.width -= static_cast<int64_t>(sign);
  return same(call, text.substr(0, sign) + padded(text.substr(sign), spec, '>', call.meter));
}

Value expand_tabs(Call& call) {
  const int64_t size = call.has(0) ? to_index(call.args[0]) : 8;
  std::string out;
  int64_t column = 0;
  for (const char c : subject(call)) {
    if (c == '\t') {
      const int64_t spaces = size > 0 ? size - column % size : 0;
      call.meter.spend_product(1, static_cast<uint64_t>(spaces));
      call.meter.check_bytes(out.size());
      out.append(static_cast<size_t>(spaces), ' ');
      column += spaces;
    } else {
      out += c;
      column = c == '\n' || c == '\r' ? 0 : column + ((c & 0xc0) != 0x80);
    }
  }
  return same(call, std::move(out));
}

Value format(Call& call) {
  return brace_format(call.subject, call.rest, call.runtime);
}

Value format_map(Call& call) {
  Arguments arguments;
  if (!call.args[0].is(Kind::kDict)) fail("format_map() takes a mapping");
  for (const auto& [key, value] : call.args[0].dict().entries()) {
    if (key.is(Kind::kText)) arguments.named.emplace_back(key.bytes(), value);
  }
  return brace_format(call.subject, arguments, call.runtime);
}

constexpr Entry kMethods[] = {
    {"capitalize", "/", capitalize},
    {"center", "/ width fillchar?", justify<'^'>},
    {"count", "/ sub start? end?", count},
    {"endswith", "/ suffix start? end?", touches<true>},
    {"expandtabs", "tabsize?", expand_tabs},
    {"find", "/ sub start? end?", find<false, false>},
    {"format", "*", format},
    {"format_map", "/ mapping", format_map},
    {"index", "/ sub start? end?", find<false, true>},
    {"join", "/ iterable", join},
    {"ljust", "/ width fillchar?", justify<'<'>},
    {"lower", "/", lower},
    {"lstrip", "/ chars?", strip<true, false>},
    {"partition", "/ sep", partition<false>},
    {"removeprefix", "/ prefix", remove_prefix},
    {"removesuffix", "/ suffix", remove_suffix},
    {"replace", "/ old new count?", replace},
    {"rfind", "/ sub start? end?", find<true, false>},
    {"rindex", "/ sub start? end?", find<true, true>},
    {"rjust", "/ width fillchar?", justify<'>'>},
    {"rpartition", "/ sep", partition<true>},
    {"rsplit", "sep? maxsplit?", split<true>},
    {"rstrip", "/ chars?", strip<false, true>},
    {"split", "sep? maxsplit?", split<false>},
    {"splitlines", "keepends?", splitlines},
    {"startswith", "/ prefix start? end?", touches<false>},
    {"strip", "/ chars?", strip<true, true>},
    {"swapcase", "/", swapcase},
    {"title", "/", title},
    {"upper", "/", upper},
    {"zfill", "/ width", zfill},
    {"casefold", "refused", nullptr},
    {"encode", "refused", nullptr},
    {"maketrans", "refused", nullptr},
    {"translate", "refused", nullptr},
};

}  // namespace

std::span<const Entry> text_methods() {
  return kMethods;
}

}  // namespace aurora::chat
