#include "aurora/base/utf8.h"

namespace aurora {

namespace {

// Length of the character that `first` starts, 0 where no character can start with it; the range that the
// second byte must be in excludes overlong forms, surrogates and values above U+10FFFF (RFC 3629 section 4).
struct Lead {
  uint32_t length = 0;
  unsigned char low = 0x80;
  unsigned char high = 0xBF;
};

Lead lead_of(unsigned char first) {
  if (first < 0x80) return {1};
  if (first < 0xC2 || first > 0xF4) return {0};
  if (first < 0xE0) return {2};
  if (first < 0xF0) {
    return {3, static_cast<unsigned char>(first == 0xE0 ? 0xA0 : 0x80),
            static_cast<unsigned char>(first == 0xED ? 0x9F : 0xBF)};
  }
  return {4, static_cast<unsigned char>(first == 0xF0 ? 0x90 : 0x80),
          static_cast<unsigned char>(first == 0xF4 ? 0x8F : 0xBF)};
}

// Bytes at `at` that agree with a well-formed character (the maximal subpart); equals its length when whole.
uint32_t agreeing_bytes(std::string_view text, size_t at, Lead lead) {
  if (lead.length == 0) return 0;
  uint32_t agreeing = 1;
  while (agreeing < lead.length && at + agreeing < text.size()) {
    const auto byte = static_cast<unsigned char>(text[at + agreeing]);
    const unsigned char low = agreeing == 1 ? lead.low : 0x80;
    const unsigned char high = agreeing == 1 ? lead.high : 0xBF;
    if (byte < low || byte > high) break;
    ++agreeing;
  }
  return agreeing;
}

}  // namespace

Decoded decode_utf8(std::string_view text, size_t at) {
  const auto first = static_cast<unsigned char>(text[at]);
  if (first < 0x80) return {first, 1, true};
  const Lead lead = lead_of(first);
  if (lead.length == 0 || agreeing_bytes(text, at, lead) != lead.length) return {0xFFFD, 1, false};
  uint32_t code_point = first & (0x7Fu >> lead.length);
  for (uint32_t i = 1; i < lead.length; ++i) {
    code_point = code_point << 6 | (static_cast<unsigned char>(text[at + i]) & 0x3Fu);
  }
  return {code_point, lead.length, true};
}

void append_utf8(std::string& out, uint32_t code_point) {
  if (code_point > 0x10FFFF || (code_point >= 0xD800 && code_point <= 0xDFFF)) code_point = 0xFFFD;
  const auto tail = [&](int shift) { out += static_cast<char>(0x80 | ((code_point >> shift) & 0x3F)); };
  if (code_point < 0x80) {
    out += static_cast<char>(code_point);
  } else if (code_point < 0x800) {
    out += static_cast<char>(0xC0 | code_point >> 6);
    tail(0);
  } else if (code_point < 0x10000) {
    out += static_cast<char>(0xE0 | code_point >> 12);
    tail(6);
    tail(0);
  } else {
    out += static_cast<char>(0xF0 | code_point >> 18);
    tail(12);
    tail(6);
    tail(0);
  }
}

bool is_valid_utf8(std::string_view text) {
  for (size_t at = 0; at < text.size();) {
    const auto first = static_cast<unsigned char>(text[at]);
    if (first < 0x80) {
      ++at;
      continue;
    }
    const Lead lead = lead_of(first);
    if (lead.length == 0 || agreeing_bytes(text, at, lead) != lead.length) return false;
    at += lead.length;
  }
  return true;
}

std::string repair_utf8(std::string_view text, size_t* replaced) {
  std::string out;
  out.reserve(text.size());
  for (size_t at = 0; at < text.size();) {
    const Lead lead = lead_of(static_cast<unsigned char>(text[at]));
    const uint32_t agreeing = agreeing_bytes(text, at, lead);
    if (lead.length != 0 && agreeing == lead.length) {
      out.append(text, at, agreeing);
      at += agreeing;
      continue;
    }
    append_utf8(out, 0xFFFD);
    if (replaced != nullptr) ++*replaced;
    at += agreeing == 0 ? 1 : agreeing;
  }
  return out;
}

size_t incomplete_utf8_tail(std::string_view text) {
  for (size_t back = 1; back <= 3 && back <= text.size(); ++back) {
    const size_t at = text.size() - back;
    const auto byte = static_cast<unsigned char>(text[at]);
    if ((byte & 0xC0) == 0x80) continue;  // a later byte of a character
    const Lead lead = lead_of(byte);
    const bool unfinished = lead.length > back && agreeing_bytes(text, at, lead) == back;
    return unfinished ? back : 0;
  }
  return 0;
}

}  // namespace aurora
