// A regular expression as it is read: its characters, and what a backslash begins.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "aurora/constrain/code_set.h"

namespace aurora::constrain {

// The text and `where` must outlive it.
class RegexCursor {
 public:
  RegexCursor(std::string_view text, const std::string& where) : text_(text), where_(where) {}

  [[noreturn]] void refuse(const std::string& what) const { refuse_at(what, at_); }
  [[noreturn]] void refuse_at(const std::string& what, size_t at) const;

  size_t at() const { return at_; }
  bool at_end() const { return at_ >= text_.size(); }
  bool looks_at(std::string_view what) const { return text_.substr(at_).starts_with(what); }
  bool looks_at_digit() const { return !at_end() && text_[at_] >= '0' && text_[at_] <= '9'; }
  bool take(std::string_view what);  // goes behind it if it is there
  uint32_t next();                   // a character. Error: the end, or no UTF-8

  // Behind a backslash at `begin`: the characters that it stands for.
  CodeSet escape(size_t begin, bool in_class);

 private:
  uint32_t escaped_character(uint32_t c, size_t begin);
  uint32_t hex_digit(size_t begin);
  uint32_t hex(int digits, size_t begin);
  uint32_t utf16(size_t begin);
  uint32_t braced(size_t begin);
  CodeSet property(size_t begin, bool negated);

  std::string_view text_;
  const std::string& where_;
  size_t at_ = 0;
};

}  // namespace aurora::constrain
