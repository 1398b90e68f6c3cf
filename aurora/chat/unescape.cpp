#include <fmt/format.h>

#include "aurora/base/utf8.h"
#include "aurora/chat/lexer.h"

namespace aurora::chat {
namespace {

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

class Unescaper {
 public:
  Unescaper(std::string_view literal, Position at) : literal_(literal), position_(at) {}

  std::string run() {
    while (at_ < literal_.size()) {
      if (literal_[at_] != '\\') {
        out_ += literal_[at_++];
      } else if (++at_ == literal_.size()) {
        refuse("\\ at end of string");
      } else {
        escape();
      }
    }
    return std::move(out_);
  }

 private:
  [[noreturn]] void refuse(const std::string& what) const { throw SyntaxTrouble(what, position_); }

  void escape() {
    static constexpr std::string_view kLetters = "abfnrtv\\'\"\n";
    static constexpr std::string_view kMeanings = "\a\b\f\n\r\t\v\\'\"";
    const char c = literal_[at_];
    const size_t known = kLetters.find(c);
    if (known != std::string_view::npos) {
      ++at_;
      if (c != '\n') out_ += kMeanings[known];
    } else if (c >= '0' && c <= '7') {
      octal();
    } else if (c == 'x' || c == 'u' || c == 'U') {
      ++at_;
      hex(c == 'x' ? 2 : c == 'u' ? 4 : 8);
    } else if (c == 'N') {
      refuse("\\N{...} in a string is not in the subset of Jinja that is known here");
    } else {
      unknown();
    }
  }

  void octal() {
    uint32_t value = 0;
    for (int i = 0; i < 3 && at_ < literal_.size() && literal_[at_] >= '0' && literal_[at_] <= '7'; ++i) {
      value = value * 8 + static_cast<uint32_t>(literal_[at_++] - '0');
    }
    append_utf8(out_, value);
  }

  void hex(int digits) {
    uint32_t value = 0;
    for (int i = 0; i < digits; ++i) {
      const int digit = at_ < literal_.size() ? hex_value(literal_[at_]) : -1;
      if (digit < 0) refuse("truncated \\x, \\u or \\U escape");
      value = value << 4 | static_cast<uint32_t>(digit);
      ++at_;
    }
    if (value > 0x10ffff) refuse("illegal Unicode character");
    if (value >= 0xd800 && value < 0xe000) refuse("half of a surrogate pair cannot be written as UTF-8");
    append_utf8(out_, value);
  }

  // A backslash before any other character stays. Before one beyond ASCII, Jinja has already made that an
  // escape, whose backslash the first one then escapes.
  void unknown() {
    const Decoded c = decode_utf8(literal_, at_);
    out_ += '\\';
    if (c.code_point < 0x80) {
      out_ += literal_[at_];
    } else if (c.code_point < 0x100) {
      out_ += fmt::format("x{:02x}", c.code_point);
    } else if (c.code_point < 0x10000) {
      out_ += fmt::format("u{:04x}", c.code_point);
    } else {
      out_ += fmt::format("U{:08x}", c.code_point);
    }
    at_ += c.bytes;
  }

  std::string_view literal_;
  Position position_;
  size_t at_ = 0;
  std::string out_;
};

}  // namespace

std::string unescape(std::string_view literal, Position at) {
  return Unescaper(literal, at).run();
}

}  // namespace aurora::chat
