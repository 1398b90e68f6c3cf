#include "aurora/corpus/extract_unwrap.h"

#include <algorithm>

#include "aurora/base/utf8.h"
#include "aurora/corpus/extract_writer.h"

namespace aurora::corpus {
namespace {

constexpr size_t kMinWidth = 50;
constexpr size_t kMaxWidth = 120;

// Three blanks in a row inside, a tab, or a bar: columns.
bool has_columns(std::string_view line) {
  return line.find("   ") != std::string_view::npos || line.find('\t') != std::string_view::npos ||
         line.find('|') != std::string_view::npos;
}

bool is_mostly_letters(std::string_view line) {
  size_t letters = 0;
  for (const unsigned char c : line) letters += ((c | 32) >= 'a' && (c | 32) <= 'z') || c >= 0x80 || c == ' ';
  return letters * 10 >= line.size() * 8;
}

std::string_view first_word(std::string_view line) {
  return line.substr(0, line.find(' '));
}

}  // namespace

std::vector<std::string_view> split_lines(std::string_view text) {
  std::vector<std::string_view> lines;
  for (size_t at = 0; at < text.size();) {
    const size_t end = std::min(text.find('\n', at), text.size());
    lines.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return lines;
}

std::string_view trim(std::string_view text) {
  const size_t begin = text.find_first_not_of(" \t\n\f\v");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t\n\f\v") - begin + 1);
}

size_t indentation(std::string_view line) {
  size_t columns = 0;
  for (const char c : line) {
    if (c == ' ')
      ++columns;
    else if (c == '\t')
      columns = (columns / 8 + 1) * 8;
    else
      break;
  }
  return columns;
}

size_t display_width(std::string_view text) {
  size_t width = 0;
  for (size_t at = 0; at < text.size();) {
    if (static_cast<unsigned char>(text[at]) < 0x80) {
      ++width;
      ++at;
      continue;
    }
    const Decoded decoded = decode_utf8(text, at);
    width += is_wide(decoded.code_point) ? 2 : 1;
    at += std::max<uint32_t>(1, decoded.bytes);
  }
  return width;
}

bool is_wrapped_prose(const std::vector<std::string_view>& lines) {
  if (lines.size() < 2) return false;
  std::vector<size_t> widths;
  size_t widest = 0;
  for (const std::string_view line : lines) {
    const std::string_view words = trim(line);
    if (has_columns(words) || !is_mostly_letters(words)) return false;
    widths.push_back(display_width(words));
    widest = std::max(widest, widths.back());
  }
  if (widest < kMinWidth || widest > kMaxWidth) return false;
  size_t full = 0;
  for (size_t i = 0; i + 1 < lines.size(); ++i) {
    if (widths[i] * 2 < widest) return false;
    const std::string_view next = trim(lines[i + 1]);
    const size_t needed = starts_wide(next) ? 2 : display_width(first_word(next)) + 1;
    // Writers break a word or two early, before a long name or to keep a formula whole.
    full += widths[i] + needed + 6 > widest;
  }
  return full * 10 >= (lines.size() - 1) * 8;
}

}  // namespace aurora::corpus
