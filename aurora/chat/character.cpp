#include "aurora/chat/character.h"

#include <algorithm>
#include <iterator>

#include "aurora/base/utf8.h"

namespace aurora::chat {
namespace {

struct Record {
  uint16_t flags;
  int32_t upper, lower, title;  // to be added to the code point
};
struct SpecialCase {
  uint32_t code_point;
  const char *upper, *lower, *title;
};
#include "aurora/chat/character_table.inc"

const uint32_t* run_of(uint32_t code_point) {
  return std::upper_bound(std::begin(kRuns), std::end(kRuns), code_point << 10 | 1023) - 1;
}
const Record& record_of(uint32_t code_point) {
  return kRecords[*run_of(code_point) & 1023];
}

const SpecialCase* special_case(uint32_t code_point) {
  if (code_point < 0x80) return nullptr;
  const SpecialCase* found =
      std::lower_bound(std::begin(kSpecialCases), std::end(kSpecialCases), code_point,
                       [](const SpecialCase& left, uint32_t right) { return left.code_point < right; });
  return found != std::end(kSpecialCases) && found->code_point == code_point ? found : nullptr;
}

void append_lower(std::string& out, uint32_t code_point) {
  if (const SpecialCase* special = special_case(code_point)) {
    out += special->lower;
  } else {
    append_utf8(out, code_point + static_cast<uint32_t>(record_of(code_point).lower));
  }
}

constexpr uint32_t kSigma = 0x3a3, kFinalSigma = 0x3c2;

// A capital sigma becomes a final one after a letter with case, unless such a letter follows; characters
// that case ignores count as not there.
bool is_final_sigma(std::string_view text, size_t at, uint32_t bytes) {
  bool before = false;
  for (size_t i = at; i > 0;) {
    do --i;
    while (i > 0 && (text[i] & 0xc0) == 0x80);
    const uint16_t flags = character_flags(decode_utf8(text, i).code_point);
    if (flags & kCaseIgnorable) continue;
    before = (flags & kCased) != 0;
    break;
  }
  if (!before) return false;
  for (size_t i = at + bytes; i < text.size();) {
    const Decoded next = decode_utf8(text, i);
    const uint16_t flags = character_flags(next.code_point);
    if (!(flags & kCaseIgnorable)) return (flags & kCased) == 0;
    i += next.bytes;
  }
  return true;
}

void append_lower_at(std::string& out, std::string_view text, size_t at, const Decoded& c) {
  if (c.code_point == kSigma && is_final_sigma(text, at, c.bytes)) {
    append_utf8(out, kFinalSigma);
  } else {
    append_lower(out, c.code_point);
  }
}

template <class Append>
std::string mapped(std::string_view text, Append append) {
  std::string out;
  out.reserve(text.size());
  for (size_t at = 0; at < text.size();) {
    const Decoded c = decode_utf8(text, at);
    append(out, at, c);
    at += c.bytes;
  }
  return out;
}

}  // namespace

uint16_t character_flags(uint32_t code_point) {
  return record_of(code_point).flags;
}

int decimal_value(uint32_t code_point) {
  return static_cast<int>((code_point - (*run_of(code_point) >> 10)) % 10);
}

void append_upper(std::string& out, uint32_t code_point) {
  if (const SpecialCase* special = special_case(code_point)) {
    out += special->upper;
  } else {
    append_utf8(out, code_point + static_cast<uint32_t>(record_of(code_point).upper));
  }
}

void append_title(std::string& out, uint32_t code_point) {
  if (const SpecialCase* special = special_case(code_point)) {
    out += special->title;
  } else {
    append_utf8(out, code_point + static_cast<uint32_t>(record_of(code_point).title));
  }
}

std::string to_upper(std::string_view text) {
  return mapped(text, [](std::string& out, size_t, const Decoded& c) { append_upper(out, c.code_point); });
}

std::string to_lower(std::string_view text) {
  return mapped(text,
                [&](std::string& out, size_t at, const Decoded& c) { append_lower_at(out, text, at, c); });
}

std::string to_title(std::string_view text) {
  bool inside = false;
  return mapped(text, [&](std::string& out, size_t at, const Decoded& c) {
    if (inside) {
      append_lower_at(out, text, at, c);
    } else {
      append_title(out, c.code_point);
    }
    inside = (character_flags(c.code_point) & kCased) != 0;
  });
}

std::string to_capitalized(std::string_view text) {
  return mapped(text, [&](std::string& out, size_t at, const Decoded& c) {
    if (at == 0) {
      append_title(out, c.code_point);
    } else {
      append_lower_at(out, text, at, c);
    }
  });
}

std::string to_swapped_case(std::string_view text) {
  return mapped(text, [&](std::string& out, size_t at, const Decoded& c) {
    const uint16_t flags = character_flags(c.code_point);
    if (flags & kUpper) {
      append_lower_at(out, text, at, c);
    } else if (flags & kLower) {
      append_upper(out, c.code_point);
    } else {
      append_utf8(out, c.code_point);
    }
  });
}

std::string_view strip_left(std::string_view text) {
  size_t at = 0;
  while (at < text.size()) {
    const Decoded c = decode_utf8(text, at);
    if (!is_space(c.code_point)) break;
    at += c.bytes;
  }
  return text.substr(at);
}

std::string_view strip_right(std::string_view text) {
  while (!text.empty()) {
    size_t at = text.size() - 1;
    while (at > 0 && (text[at] & 0xc0) == 0x80) --at;
    if (!is_space(decode_utf8(text, at).code_point)) break;
    text = text.substr(0, at);
  }
  return text;
}

}  // namespace aurora::chat
