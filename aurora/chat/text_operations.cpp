// What str's methods and the filters share.
#include <algorithm>

#include "aurora/base/utf8.h"
#include "aurora/chat/character.h"
#include "aurora/chat/find.h"
#include "aurora/chat/tables.h"

namespace aurora::chat {
namespace {

bool is_line_end(uint32_t c) {
  return (c >= 0x0a && c <= 0x0d) || (c >= 0x1c && c <= 0x1e) || c == 0x85 || c == 0x2028 || c == 0x2029;
}

}  // namespace

std::vector<std::string_view> split_lines(std::string_view text, bool keep_ends) {
  std::vector<std::string_view> lines;
  size_t start = 0;
  for (size_t at = 0; at < text.size();) {
    const Decoded c = decode_utf8(text, at);
    size_t next = at + c.bytes;
    if (is_line_end(c.code_point)) {
      if (c.code_point == '\r' && next < text.size() && text[next] == '\n') ++next;
      lines.push_back(text.substr(start, (keep_ends ? next : at) - start));
      start = next;
    }
    at = next;
  }
  if (start < text.size()) lines.push_back(text.substr(start));
  return lines;
}

std::string replaced(std::string_view text, std::string_view old, std::string_view with, int64_t count,
                     Meter& meter) {
  uint64_t left = count < 0 ? UINT64_MAX : static_cast<uint64_t>(count);
  meter.spend_bytes(text.size());
  std::string out;
  size_t at = 0;
  const auto put = [&](std::string_view piece) {
    out += piece;
    meter.spend_bytes(with.size() + 16);
    meter.check_bytes(out.size());
  };
  if (old.empty()) {
    for (; left > 0; --left) {
      put(with);
      if (at == text.size()) return out;
      const uint32_t size = decode_utf8(text, at).bytes;
      out += text.substr(at, size);
      at += size;
    }
  } else {
    for (; left > 0; --left) {
      const size_t found = find_bytes(text, old, at);
      if (found == std::string::npos) break;
      out += text.substr(at, found - at);
      put(with);
      at = found + old.size();
    }
  }
  out += text.substr(at);
  return out;
}

std::string_view stripped(std::string_view text, const std::string* chars, bool left, bool right,
                          Meter& meter) {
  if (chars == nullptr) {
    if (left) text = strip_left(text);
    return right ? strip_right(text) : text;
  }
  std::vector<uint32_t> set;
  for (size_t at = 0; at < chars->size();) {
    const Decoded c = decode_utf8(*chars, at);
    set.push_back(c.code_point);
    at += c.bytes;
  }
  std::sort(set.begin(), set.end());
  meter.spend(set.size());
  const auto holds = [&](uint32_t c) { return std::binary_search(set.begin(), set.end(), c); };
  while (left && !text.empty()) {
    const Decoded c = decode_utf8(text, 0);
    if (!holds(c.code_point)) break;
    text.remove_prefix(c.bytes);
  }
  while (right && !text.empty()) {
    size_t at = text.size() - 1;
    while (at > 0 && (text[at] & 0xc0) == 0x80) --at;
    if (!holds(decode_utf8(text, at).code_point)) break;
    text = text.substr(0, at);
  }
  return text;
}

std::string centered(const Text& text, int64_t width, const std::string& fill, Meter& meter) {
  const int64_t missing = width - text.length;
  if (missing <= 0) return text.bytes;
  meter.spend_product(fill.size(), static_cast<uint64_t>(missing));
  const int64_t left = missing / 2 + (missing & width & 1);
  std::string out;
  for (int64_t i = 0; i < left; ++i) out += fill;
  out += text.bytes;
  for (int64_t i = left; i < missing; ++i) out += fill;
  return out;
}

}  // namespace aurora::chat
