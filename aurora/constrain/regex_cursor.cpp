#include "aurora/constrain/regex_cursor.h"

#include <fmt/format.h>

#include <cctype>

#include "aurora/base/error.h"
#include "aurora/base/utf8.h"
#include "aurora/constrain/regex.h"

namespace aurora::constrain {
namespace {

// ECMA-262: WhiteSpace and LineTerminator.
CodeSet white_space() {
  CodeSet set(0x09, 0x0d);
  for (const uint32_t c : {0x20, 0xa0, 0x1680, 0x202f, 0x205f, 0x3000, 0xfeff}) set.add(c, c);
  set.add(0x2000, 0x200a);
  set.add(0x2028, 0x2029);
  return set;
}

CodeSet word_characters() {
  CodeSet set('0', '9');
  set.add('A', 'Z');
  set.add('a', 'z');
  set.add('_', '_');
  return set;
}

// \d \w \s and their complements.
bool shorthand(uint32_t letter, CodeSet& set) {
  switch (letter) {
    case 'd':
    case 'D':
      set = CodeSet('0', '9');
      break;
    case 'w':
    case 'W':
      set = word_characters();
      break;
    case 's':
    case 'S':
      set = white_space();
      break;
    default:
      return false;
  }
  if (letter < 'a') set = set.complement();
  return true;
}

}  // namespace

void RegexCursor::refuse_at(const std::string& what, size_t at) const {
  throw Error("regular expression: " + what, fmt::format("{}@{}", where_, at),
              "see docs/formats/constrained-output.md for what is supported");
}

bool RegexCursor::take(std::string_view what) {
  if (!looks_at(what)) return false;
  at_ += what.size();
  return true;
}

uint32_t RegexCursor::next() {
  if (at_end()) refuse("ends too early");
  const Decoded character = decode_utf8(text_, at_);
  if (!character.valid) refuse("bytes that are no UTF-8");
  at_ += character.bytes;
  return character.code_point;
}

CodeSet RegexCursor::escape(size_t begin, bool in_class) {
  const uint32_t c = next();
  CodeSet set;
  if (shorthand(c, set)) return set;
  if (c == 'p' || c == 'P') return property(begin, c == 'P');
  if (in_class && c == 'b') return {'\b', '\b'};
  if (in_class && c == '-') return {'-', '-'};
  if (c == 'b' || c == 'B') refuse_at("a word boundary", begin);
  if ((c >= '1' && c <= '9') || c == 'k') refuse_at("a back-reference", begin);
  const uint32_t one = escaped_character(c, begin);
  return {one, one};
}

uint32_t RegexCursor::escaped_character(uint32_t c, size_t begin) {
  switch (c) {
    case 'n':
      return '\n';
    case 'r':
      return '\r';
    case 't':
      return '\t';
    case 'f':
      return '\f';
    case 'v':
      return '\v';
    case '0':
      if (looks_at_digit()) refuse_at("an octal escape", begin);
      return 0;
    case 'x':
      return hex(2, begin);
    case 'u':
      return take("{") ? braced(begin) : utf16(begin);
    default:
      if (c >= 0x80 || std::isalnum(static_cast<int>(c)) != 0) refuse_at("an unknown escape", begin);
      return c;
  }
}

uint32_t RegexCursor::hex_digit(size_t begin) {
  const uint32_t c = next();
  if (c >= '0' && c <= '9') return c - '0';
  if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f') return (c | 0x20) - 'a' + 10;
  refuse_at("an escape with a character that is no hexadecimal digit", begin);
}

uint32_t RegexCursor::hex(int digits, size_t begin) {
  uint32_t value = 0;
  for (int i = 0; i < digits; ++i) value = value * 16 + hex_digit(begin);
  return value;
}

uint32_t RegexCursor::utf16(size_t begin) {
  const uint32_t high = hex(4, begin);
  if (high < 0xd800 || high > 0xdfff) return high;
  if (high >= 0xdc00 || !take("\\u")) refuse_at("half of a surrogate pair", begin);
  const uint32_t low = hex(4, begin);
  if (low < 0xdc00 || low > 0xdfff) refuse_at("half of a surrogate pair", begin);
  return 0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00);
}

uint32_t RegexCursor::braced(size_t begin) {
  uint32_t value = hex_digit(begin);
  while (!take("}")) {
    value = value * 16 + hex_digit(begin);
    if (value > kLastCodePoint) refuse_at("a character beyond U+10FFFF", begin);
  }
  if (value >= 0xd800 && value <= 0xdfff) refuse_at("half of a surrogate pair", begin);
  return value;
}

CodeSet RegexCursor::property(size_t begin, bool negated) {
  std::string name;
  if (take("{")) {
    if (take("^")) negated = !negated;
    for (uint32_t c = next(); c != '}'; c = next()) append_utf8(name, c);
  } else {
    append_utf8(name, next());
  }
  CodeSet set;
  if (!property_set(name, set)) refuse_at(fmt::format("the property {}", name), begin);
  return negated ? set.complement() : set;
}

}  // namespace aurora::constrain
