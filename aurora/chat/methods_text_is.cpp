// str.isalpha, str.islower and the like.
#include "aurora/base/utf8.h"
#include "aurora/chat/character.h"
#include "aurora/chat/tables.h"

namespace aurora::chat {
namespace {

template <uint16_t flags, bool when_empty>
Value all_are(Call& call) {
  const std::string& text = call.subject.bytes();
  for (size_t at = 0; at < text.size();) {
    const Decoded c = decode_utf8(text, at);
    if (!(character_flags(c.code_point) & flags)) return Value::boolean(false);
    at += c.bytes;
  }
  return Value::boolean(when_empty || !text.empty());
}

// Has it letters with case, all of the wanted one?
template <uint16_t wanted>
Value all_cased_are(Call& call) {
  const std::string& text = call.subject.bytes();
  bool any = false;
  for (size_t at = 0; at < text.size();) {
    const Decoded c = decode_utf8(text, at);
    const uint16_t flags = character_flags(c.code_point);
    if (flags & kCased & ~wanted) return Value::boolean(false);
    any = any || (flags & wanted);
    at += c.bytes;
  }
  return Value::boolean(any);
}

Value is_title(Call& call) {
  const std::string& text = call.subject.bytes();
  bool any = false, inside = false;
  for (size_t at = 0; at < text.size();) {
    const Decoded c = decode_utf8(text, at);
    const uint16_t flags = character_flags(c.code_point);
    if ((flags & (kUpper | kTitle)) ? inside : (flags & kLower) && !inside) return Value::boolean(false);
    inside = (flags & kCased) != 0;
    any = any || inside;
    at += c.bytes;
  }
  return Value::boolean(any);
}

Value is_ascii(Call& call) {
  return Value::boolean(call.subject.text().is_ascii());
}

Value is_identifier(Call& call) {
  const std::string& text = call.subject.bytes();
  for (size_t at = 0; at < text.size();) {
    const Decoded c = decode_utf8(text, at);
    const uint16_t needed = at == 0 ? kIdentifierStart : kIdentifierContinue;
    if (c.code_point != '_' && !(character_flags(c.code_point) & needed)) return Value::boolean(false);
    at += c.bytes;
  }
  return Value::boolean(!text.empty());
}

constexpr Entry kMethods[] = {
    {"isalnum", "/", all_are<kAlpha | kDecimal | kDigit | kNumeric, false>},
    {"isalpha", "/", all_are<kAlpha, false>},
    {"isascii", "/", is_ascii},
    {"isdecimal", "/", all_are<kDecimal, false>},
    {"isdigit", "/", all_are<kDigit, false>},
    {"isidentifier", "/", is_identifier},
    {"islower", "/", all_cased_are<kLower>},
    {"isnumeric", "/", all_are<kNumeric, false>},
    {"isprintable", "/", all_are<kPrintable, true>},
    {"isspace", "/", all_are<kSpace, false>},
    {"istitle", "/", is_title},
    {"isupper", "/", all_cased_are<kUpper>},
};

}  // namespace

std::span<const Entry> text_tests() {
  return kMethods;
}

}  // namespace aurora::chat
