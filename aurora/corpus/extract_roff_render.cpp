// The escapes that make characters, and those that only move or change fonts.
#include <algorithm>
#include <cstdint>

#include "aurora/base/utf8.h"
#include "aurora/corpus/extract_roff_engine.h"

namespace aurora::corpus::roff {
namespace {

class EscapeRenderer {
 public:
  EscapeRenderer(std::string_view text, const NameMap<std::string>& translations)
      : text_(text), translations_(translations) {}

  Rendered run() {
    while (at_ < text_.size()) {
      const size_t escape = std::min(text_.find('\\', at_), text_.size());
      plain(text_.substr(at_, escape - at_));
      at_ = escape;
      if (at_ + 1 >= text_.size()) break;
      const char kind = text_[at_ + 1];
      at_ += 2;
      character_escape(kind);
    }
    return std::move(result_);
  }

 private:
  void add(std::string_view piece) {
    result_.text += piece;
    result_.word_open = false;
  }
  void plain(std::string_view piece) {
    if (piece.empty()) return;
    if (translations_.empty()) return add(piece);
    for (size_t i = 0; i < piece.size();) {
      const size_t size = std::max<size_t>(1, decode_utf8(piece, i).bytes);
      translated(piece.substr(i, size));
      i += size;
    }
  }
  void translated(std::string_view character) {
    const auto found = translations_.find(character);
    add(found == translations_.end() ? character : std::string_view(found->second));
  }

  void character_escape(char kind) {
    switch (kind) {
      case '(':
      case '[':
        --at_;
        return translated(special_character(take_name(text_, &at_)));
      case 'C':
        return translated(special_character(take_delimited(text_, &at_)));
      case 'N':
        return add(numbered(take_delimited(text_, &at_)));
      case '-':
      case '_':
      case '.':
      case '!':
      case '?':
      case '"':
        return add(std::string_view(&kind, 1));
      case '\'':  // an acute accent to troff, an apostrophe to everybody who writes it
      case '`':
        return add(std::string_view(&kind, 1));
      case 'e':
      case '\\':
      case 'E':
        return add("\\");
      case ' ':
      case '~':
      case '0':
        return add(" ");
      case 't':
        return add("\t");
      case '|':
      case '^':
        return;
      default:
        return layout_escape(kind);
    }
  }

  void layout_escape(char kind) {
    switch (kind) {
      case 'f':
      case 'F':
      case 'm':
      case 'M':
      case 'g':
      case 'k':
      case 'V':
      case 'Y':
      case 'O':
        take_name(text_, &at_);
        return;
      case 's':
        return size();
      case 'h':
        return movement(take_delimited(text_, &at_));
      case 'v':
      case 'l':
      case 'L':
      case 'D':
      case 'H':
      case 'S':
      case 'R':
      case 'X':
      case 'x':
      case 'A':
      case 'B':
        take_delimited(text_, &at_);
        return;
      case 'w':
        take_delimited(text_, &at_);
        return add("0");
      case 'o':
      case 'b':
      case 'Z':
        return overstrike(take_delimited(text_, &at_));
      case 'u':
        return shift(1);
      case 'd':
        return shift(-1);
      case 'c':
        result_.word_open = true;
        return;
      case '&':
      case ')':
      case '%':
      case ':':
      case '/':
      case ',':
      case '{':
      case '}':
      case 'p':
      case 'r':
      case 'z':
      case 'a':
        return;
      default:
        // An escape of a character that needs none.
        return add(std::string_view(&text_[at_ - 1], 1));
    }
  }

  // \s8, \s+1, \s-1, \s(12, \s[12], \s'12'.
  void size() {
    if (at_ < text_.size() && text_[at_] == '\'') {
      take_delimited(text_, &at_);
      return;
    }
    if (at_ < text_.size() && (text_[at_] == '+' || text_[at_] == '-')) ++at_;
    if (at_ >= text_.size()) return;
    const bool two_digits = text_[at_] >= '1' && text_[at_] <= '3' && at_ + 1 < text_.size() &&
                            text_[at_ + 1] >= '0' && text_[at_ + 1] <= '9' && text_[at_ - 1] == 's';
    take_name(text_, &at_);
    if (two_digits) ++at_;
  }

  void movement(std::string_view distance) {
    if (distance.starts_with('-')) {
      if (result_.text.empty()) result_.outdents = true;
    } else if (!distance.starts_with('|') && distance.find_first_of("123456789") != std::string_view::npos) {
      if (!result_.text.ends_with(' ')) add(" ");
    }
  }

  // Characters printed over each other: the first with its accent where that is a letter, else the first.
  void overstrike(std::string_view argument) {
    const Rendered inner = render_escapes(argument, translations_);
    if (inner.text.empty()) return;
    const size_t size = std::max<uint32_t>(1, decode_utf8(inner.text, 0).bytes);
    add(std::string_view(inner.text).substr(0, size));
  }

  // Half a line up or down: ^ or _ where it leaves the line.
  void shift(int direction) {
    if (height_ == 0) add(direction > 0 ? "^" : "_");
    height_ = std::clamp(height_ + direction, -1, 1);
  }

  static std::string numbered(std::string_view digits) {
    uint32_t code = 0;
    for (const char c : digits)
      if (c >= '0' && c <= '9' && code < 0x110000) code = code * 10 + static_cast<uint32_t>(c - '0');
    std::string result;
    if (code >= 32 && code < 0x110000) append_utf8(result, code);
    return result;
  }

  std::string_view text_;
  const NameMap<std::string>& translations_;
  size_t at_ = 0;
  int height_ = 0;
  Rendered result_;
};

}  // namespace

Rendered render_escapes(std::string_view text, const NameMap<std::string>& translations) {
  return EscapeRenderer(text, translations).run();
}

}  // namespace aurora::corpus::roff
