#include "aurora/pretokenize/pretokenize.h"

#include <array>

#include "aurora/base/utf8.h"
#include "aurora/unicode/unicode_classes.h"

namespace aurora::pretokenize {
using unicode::CharClass;
using unicode::UnicodeClasses;

const char* const kPretokenPattern =
    "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|"
    "\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";

namespace {

constexpr std::array<CharClass, 128> make_ascii() {
  std::array<CharClass, 128> classes{};
  for (int c = 0; c < 128; ++c) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    const bool space = c == ' ' || (c >= 9 && c <= 13);
    classes[c] = letter                 ? CharClass::kLetter
                 : c >= '0' && c <= '9' ? CharClass::kNumber
                 : space                ? CharClass::kSpace
                                        : CharClass::kOther;
  }
  return classes;
}
constexpr std::array<CharClass, 128> kAscii = make_ascii();

struct Char {
  size_t end = 0;
  CharClass kind = CharClass::kOther;
};

class Scanner {
 public:
  Scanner(std::string_view text) : text_(text), classes_(UnicodeClasses::table()) {}

  size_t word(size_t at) const {
    const unsigned char first = text_[at];
    if (first == '\'') {
      if (const size_t end = contraction(at + 1)) return end;
    }
    const Char here = read(at);
    if (here.kind == CharClass::kLetter) return run_end(here.end, CharClass::kLetter);
    if (here.kind == CharClass::kNumber) return here.end;
    const bool more = here.end < text_.size();
    const Char next = more ? read(here.end) : Char{};
    // One character that is no letter, number or line end joins the letters behind it.
    if (more && next.kind == CharClass::kLetter && !is_line_end(first)) {
      return run_end(next.end, CharClass::kLetter);
    }
    if (here.kind == CharClass::kOther) return others_end(here.end);
    if (first == ' ' && more && next.kind == CharClass::kOther) return others_end(next.end);
    return spaces_end(at);
  }

 private:
  static bool is_line_end(unsigned char byte) { return byte == '\n' || byte == '\r'; }

  Char read(size_t at) const {
    const unsigned char first = text_[at];
    if (first < 0x80) return {at + 1, kAscii[first]};
    // Most characters of three bytes need no more checks than these; the rest goes the long way.
    if (first >= 0xe1 && first <= 0xef && first != 0xed && text_.size() - at >= 3) {
      const unsigned char second = text_[at + 1];
      const unsigned char third = text_[at + 2];
      if ((second & 0xc0) == 0x80 && (third & 0xc0) == 0x80) {
        return {at + 3, classes_.of((first & 15u) << 12 | (second & 63u) << 6 | (third & 63u))};
      }
    }
    const Decoded decoded = decode_utf8(text_, at);
    return {at + decoded.bytes, decoded.valid ? classes_.of(decoded.code_point) : CharClass::kOther};
  }

  size_t run_end(size_t at, CharClass kind) const {
    while (at < text_.size()) {
      const Char next = read(at);
      if (next.kind != kind) break;
      at = next.end;
    }
    return at;
  }

  size_t others_end(size_t at) const {
    at = run_end(at, CharClass::kOther);
    while (at < text_.size() && is_line_end(text_[at])) ++at;
    return at;
  }

  // Spaces up to and with the last line end; without one, all but the last space, which the next word may
  // want; a single space stands alone.
  size_t spaces_end(size_t begin) const {
    size_t last_begin = begin;
    size_t line_end = 0;
    size_t at = begin;
    while (at < text_.size()) {
      const Char next = read(at);
      if (next.kind != CharClass::kSpace) break;
      last_begin = at;
      at = next.end;
      if (is_line_end(text_[last_begin])) line_end = at;
    }
    if (line_end != 0) return line_end;
    return at == text_.size() || last_begin == begin ? at : last_begin;
  }

  // End of s, t, re, ve, m, ll, d in either case, also the long s (U+017F), which folds to s; 0: none.
  size_t contraction(size_t at) const {
    if (at >= text_.size()) return 0;
    const char first = static_cast<char>(text_[at] | 0x20);
    if (first == 's' || first == 't' || first == 'm' || first == 'd') return at + 1;
    if (text_.substr(at, 2) == "\xc5\xbf") return at + 2;
    if (at + 1 >= text_.size()) return 0;
    const char second = static_cast<char>(text_[at + 1] | 0x20);
    const bool two = ((first == 'r' || first == 'v') && second == 'e') || (first == 'l' && second == 'l');
    return two ? at + 2 : 0;
  }

  std::string_view text_;
  const UnicodeClasses& classes_;
};

}  // namespace

size_t next_word(std::string_view text, size_t at) {
  return Scanner(text).word(at);
}

}  // namespace aurora::pretokenize
