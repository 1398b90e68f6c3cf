#include "aurora/corpus/extract_writer.h"

#include <algorithm>

#include "aurora/base/utf8.h"

namespace aurora::corpus {
namespace {

bool is_space(char c) {
  return c == ' ' || c == '\n' || c == '\t' || c == '\r' || c == '\f' || c == '\v';
}
constexpr int kMaxLevel = 12;

uint32_t last_character(std::string_view text) {
  size_t at = text.size();
  while (at > 0 && (static_cast<unsigned char>(text[at - 1]) & 0xc0) == 0x80) --at;
  return at == 0 ? 0 : decode_utf8(text, at - 1).code_point;
}

}  // namespace

bool is_wide(uint32_t c) {
  return (c >= 0x2e80 && c <= 0x30ff) || (c >= 0x31f0 && c <= 0x9fff) || (c >= 0xf900 && c <= 0xfaff) ||
         (c >= 0xff00 && c <= 0xff60) || (c >= 0x20000 && c <= 0x3ffff);
}

bool ends_wide(std::string_view text) {
  return is_wide(last_character(text));
}

bool ends_in_wide_punctuation(std::string_view text) {
  const uint32_t c = last_character(text);
  return (c >= 0x3001 && c <= 0x3003) || (c >= 0x3008 && c <= 0x3011) || c == 0xff0c || c == 0xff0e ||
         c == 0xff01 || c == 0xff1f || c == 0xff09 || c == 0xff1a || c == 0xff1b;
}

bool starts_wide(std::string_view text) {
  return !text.empty() && static_cast<unsigned char>(text[0]) >= 0xe2 &&
         is_wide(decode_utf8(text, 0).code_point);
}

void TextWriter::begin_line() {
  line_level_ = level_;
  if (!out_.empty()) out_ += blank_line_ ? "\n\n" : "\n";
  blank_line_ = false;
  tight_ = false;
  if (marker_.empty()) {
    out_.append(2 * static_cast<size_t>(line_level_), ' ');
  } else {
    out_.append(2 * static_cast<size_t>(marker_level_), ' ');
    out_ += marker_;
    marker_.clear();
  }
}

void TextWriter::append_word(std::string_view word) {
  if (line_.empty()) {
    begin_line();
  } else if (gap_ != Gap::kNone) {
    const bool joins =
        starts_wide(word) &&
        (gap_ == Gap::kLineEnd || joins_wide_ ? ends_wide(line_) : ends_in_wide_punctuation(line_));
    if (!joins) line_ += ' ';
  }
  gap_ = Gap::kNone;
  line_ += word;
}

void TextWriter::text(std::string_view words) {
  size_t at = 0;
  while (at < words.size()) {
    if (is_space(words[at])) {
      if (words[at] == '\n')
        line_end();
      else
        space();
      ++at;
      continue;
    }
    size_t end = at + 1;
    while (end < words.size() && !is_space(words[end])) ++end;
    append_word(words.substr(at, end - at));
    at = end;
  }
}

void TextWriter::exact(std::string_view words) {
  if (!words.empty()) append_word(words);
}

void TextWriter::space() {
  gap_ = Gap::kSpace;
}
void TextWriter::line_end() {
  if (gap_ == Gap::kNone) gap_ = Gap::kLineEnd;
}
void TextWriter::glue() {
  gap_ = Gap::kNone;
}

void TextWriter::line_break() {
  while (!line_.empty() && is_space(line_.back())) line_.pop_back();
  out_ += line_;
  line_.clear();
  gap_ = Gap::kNone;
}

void TextWriter::paragraph() {
  line_break();
  blank_line_ = !tight_;
}

void TextWriter::no_blank() {
  line_break();
  blank_line_ = false;
  tight_ = true;
}

void TextWriter::verbatim(std::string_view lines) {
  line_break();
  while (!lines.empty() && lines.back() == '\n') lines.remove_suffix(1);
  while (!lines.empty()) {
    const size_t end = std::min(lines.find('\n'), lines.size());
    std::string_view one = lines.substr(0, end);
    while (!one.empty() && is_space(one.back())) one.remove_suffix(1);
    if (one.empty()) {
      blank_line_ = !tight_;
    } else {
      begin_line();
      out_ += one;
    }
    lines.remove_prefix(std::min(lines.size(), end + 1));
  }
}

void TextWriter::title(std::string_view words) {
  paragraph();
  text(words);
  paragraph();
}

void TextWriter::set_level(int level) {
  level_ = std::clamp(level, 0, kMaxLevel);
}

void TextWriter::marker(std::string_view marker) {
  marker_ = marker;
  marker_level_ = level_;
}

std::string TextWriter::finish() {
  line_break();
  while (!out_.empty() && is_space(out_.back())) out_.pop_back();
  std::string result;
  result.swap(out_);
  *this = TextWriter(joins_wide_);
  return result;
}

}  // namespace aurora::corpus
