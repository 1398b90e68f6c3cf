#include "aurora/chat/lexer.h"

#include <array>
#include <charconv>
#include <cmath>

#include "aurora/base/utf8.h"
#include "aurora/chat/character.h"

namespace aurora::chat {
namespace {

// Line ends as \n, without the one at the end.
std::string with_unix_lines(std::string_view source) {
  std::string out;
  out.reserve(source.size());
  for (size_t i = 0; i < source.size(); ++i) {
    if (source[i] == '\r') {
      out += '\n';
      if (i + 1 < source.size() && source[i + 1] == '\n') ++i;
    } else {
      out += source[i];
    }
  }
  if (out.ends_with('\n')) out.pop_back();
  return out;
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_name_character(uint32_t code_point) {
  return code_point == '_' ||
         (character_flags(code_point) & (kAlpha | kDecimal | kDigit | kNumeric | kIdentifierContinue)) != 0;
}

class Lexer {
 public:
  explicit Lexer(std::string source) : source_(std::move(source)) {}

  std::vector<Token> run() {
    while (at_ < source_.size()) lex_data();
    add(TokenKind::kEnd);
    return std::move(tokens_);
  }

 private:
  std::string_view rest() const { return std::string_view(source_).substr(at_); }

  [[noreturn]] void refuse(const std::string& what) { throw SyntaxTrouble(what, position()); }

  // Positions are asked for in ascending order.
  Position position() {
    for (; counted_ < at_; ++counted_) {
      if (source_[counted_] == '\n') {
        ++position_.line;
        position_.column = 1;
      } else if ((source_[counted_] & 0xc0) != 0x80) {
        ++position_.column;
      }
    }
    return position_;
  }

  Token& add(TokenKind kind, std::string text = {}) {
    tokens_.push_back({kind, position(), std::move(text)});
    return tokens_.back();
  }

  void skip_space() { at_ = source_.size() - strip_left(rest()).size(); }

  // Is there `mark` at `at`, maybe with a sign before its end? Takes it and what it swallows.
  bool take_end(std::string_view mark, bool trims) {
    const std::string_view text = rest();
    const size_t sign = !text.empty() && (text[0] == '-' || (text[0] == '+' && trims)) ? 1 : 0;
    if (!text.substr(sign).starts_with(mark)) return false;
    at_ += sign + mark.size();
    if (sign == 1 && text[0] == '-') {
      skip_space();
    } else if (sign == 0 && trims && at_ < source_.size() && source_[at_] == '\n') {
      ++at_;
    }
    line_starts_ = source_[at_ - 1] == '\n';
    return true;
  }

  // The text before a tag without what the tag's sign, or lstrip_blocks, takes from it.
  void add_data(std::string_view text, char sign, bool is_variable) {
    if (sign == '-') {
      text = strip_right(text);
    } else if (sign != '+' && !is_variable) {
      const size_t line = text.rfind('\n') + 1;  // npos + 1 is 0
      if ((line > 0 || line_starts_) && strip_left(text.substr(line)).empty()) text = text.substr(0, line);
    }
    if (!text.empty()) add(TokenKind::kData, std::string(text));
  }

  char sign_at(size_t at) const {
    return at < source_.size() && (source_[at] == '-' || source_[at] == '+') ? source_[at] : 0;
  }

  void lex_data() {
    size_t begin = at_;
    while (true) {
      begin = source_.find('{', begin);
      if (begin == std::string::npos || begin + 1 >= source_.size()) {
        add(TokenKind::kData, source_.substr(at_));
        at_ = source_.size();
        return;
      }
      const char kind = source_[begin + 1];
      if (kind == '{' || kind == '%' || kind == '#') break;
      ++begin;
    }
    const char kind = source_[begin + 1];
    const char sign = sign_at(begin + 2);
    add_data(std::string_view(source_).substr(at_, begin - at_), sign, kind == '{');
    at_ = begin;
    if (kind == '%' && take_raw_begin()) return lex_raw();
    if (kind != '#') add(kind == '{' ? TokenKind::kVariableBegin : TokenKind::kBlockBegin);
    at_ += sign == 0 ? 2 : 3;
    if (kind == '#') return lex_comment();
    lex_tag(kind == '{');
  }

  void lex_comment() {
    while (at_ < source_.size()) {
      if (take_end("#}", true)) return;
      ++at_;
    }
    refuse("a comment is not closed");
  }

  // {% raw %}
  bool take_raw_begin() {
    const size_t start = at_;
    at_ += 2 + (sign_at(at_ + 2) != 0);
    skip_space();
    if (rest().starts_with("raw")) {
      at_ += 3;
      skip_space();
      if (take_end("%}", false)) return true;
    }
    at_ = start;
    return false;
  }

  void lex_raw() {
    const size_t start = at_;
    for (size_t begin = source_.find("{%", start); begin != std::string::npos;
         begin = source_.find("{%", begin + 1)) {
      const char sign = sign_at(begin + 2);
      at_ = begin + 2 + (sign != 0);
      skip_space();
      if (!rest().starts_with("endraw")) continue;
      at_ += 6;
      skip_space();
      const bool line_starts = line_starts_;
      if (!take_end("%}", true)) continue;
      const size_t end = at_;
      const bool next_line_starts = line_starts_;
      line_starts_ = line_starts;
      at_ = start;
      add_data(std::string_view(source_).substr(start, begin - start), sign, false);
      at_ = end;
      line_starts_ = next_line_starts;
      return;
    }
    at_ = start;
    refuse("raw is not closed by endraw");
  }

  void lex_tag(bool is_variable) {
    std::string open;  // the brackets that are open
    while (true) {
      if (open.empty() && take_end(is_variable ? "}}" : "%}", !is_variable)) {
        add(is_variable ? TokenKind::kVariableEnd : TokenKind::kBlockEnd);
        return;
      }
      if (at_ == source_.size()) return;  // the parser misses the end
      const Decoded c = decode_utf8(source_, at_);
      if (is_space(c.code_point)) {
        at_ += c.bytes;
      } else if (c.code_point < 0x80 && is_digit(source_[at_])) {
        lex_number();
      } else if (is_name_character(c.code_point)) {
        lex_name();
      } else if (c.code_point == '\'' || c.code_point == '"') {
        lex_string();
      } else {
        lex_operator(open);
      }
    }
  }

  void lex_name() {
    const size_t start = at_;
    size_t end = at_;
    bool valid = true;
    while (end < source_.size()) {
      const Decoded c = decode_utf8(source_, end);
      if (!is_name_character(c.code_point)) break;
      const uint16_t needed = end == start ? kIdentifierStart : kIdentifierContinue;
      valid = valid && (c.code_point == '_' || (character_flags(c.code_point) & needed) != 0);
      end += c.bytes;
    }
    if (!valid) refuse("invalid character in an identifier");
    add(TokenKind::kName, source_.substr(start, end - start));
    at_ = end;
  }

  void lex_string() {
    const char quote = source_[at_];
    size_t end = at_ + 1;
    while (end < source_.size() && source_[end] != quote) end += source_[end] == '\\' ? 2 : 1;
    if (end >= source_.size()) refuse("a string is not closed");
    add(TokenKind::kString, unescape(std::string_view(source_).substr(at_ + 1, end - at_ - 1), position()));
    at_ = end + 1;
  }

  // Digits with single underscores between them; where they end.
  size_t digits_end(size_t at, std::string_view allowed = "0123456789") const {
    const auto is_allowed = [&](size_t i) {
      return i < source_.size() && allowed.find(source_[i]) != std::string_view::npos;
    };
    while (is_allowed(at) || (at < source_.size() && source_[at] == '_' && is_allowed(at + 1))) ++at;
    return at;
  }

  // Where a float that begins here ends, or 0.
  size_t float_end() const {
    if (at_ > 0 && source_[at_ - 1] == '.') return 0;
    const size_t whole = digits_end(at_);
    size_t end = whole;
    if (end + 1 < source_.size() && source_[end] == '.' && is_digit(source_[end + 1]))
      end = digits_end(end + 1);
    size_t exponent = end;
    if (exponent < source_.size() && (source_[exponent] == 'e' || source_[exponent] == 'E')) {
      ++exponent;
      if (exponent < source_.size() && (source_[exponent] == '+' || source_[exponent] == '-')) ++exponent;
      if (exponent < source_.size() && is_digit(source_[exponent])) return digits_end(exponent);
    }
    return end > whole ? end : 0;
  }

  void lex_number() {
    const size_t start = at_;
    const bool is_float = float_end() != 0;
    int base = 10;
    size_t end = is_float ? float_end() : integer_end(base);
    std::string digits;
    for (size_t i = start + (base == 10 ? 0 : 2); i < end; ++i) {
      if (source_[i] != '_') digits += source_[i];
    }
    Token& token = add(is_float ? TokenKind::kFloat : TokenKind::kInteger);
    const char* const last = digits.data() + digits.size();
    if (is_float) {
      const auto [_, status] = std::from_chars(digits.data(), last, token.number);
      if (status == std::errc::result_out_of_range) token.number = std::strtod(digits.c_str(), nullptr);
    } else if (std::from_chars(digits.data(), last, token.whole, base).ec != std::errc()) {
      refuse("the integer does not fit 64 bits");
    }
    at_ = end;
  }

  size_t integer_end(int& base) const {
    if (source_[at_] != '0') return digits_end(at_);
    const char letter = at_ + 1 < source_.size() ? static_cast<char>(source_[at_ + 1] | 0x20) : ' ';
    struct Base {
      char letter;
      int base;
      std::string_view digits;
    };
    constexpr std::array<Base, 3> kBases{
        {{'b', 2, "01"}, {'o', 8, "01234567"}, {'x', 16, "0123456789abcdefABCDEF"}}};
    for (const Base& candidate : kBases) {
      if (letter != candidate.letter) continue;
      const size_t end = digits_end(at_ + 2, candidate.digits);
      if (end > at_ + 2) {
        base = candidate.base;
        return end;
      }
    }
    return digits_end(at_, "0");
  }

  void lex_operator(std::string& open) {
    static constexpr std::string_view kTwo[] = {"//", "**", "==", "!=", ">=", "<="};
    static constexpr std::string_view kOne = "+-/*%~[](){}><=.:|,;";
    std::string_view found = rest().substr(0, 1);
    if (kOne.find(found) == std::string_view::npos) found = {};
    for (const std::string_view two : kTwo) {
      if (rest().starts_with(two)) found = two;
    }
    if (found.empty()) {
      const Decoded c = decode_utf8(source_, at_);
      refuse("unexpected character '" + source_.substr(at_, c.bytes) + "'");
    }
    const char c = found[0];
    if (c == '(' || c == '[' || c == '{') {
      open += c == '(' ? ')' : c == '[' ? ']' : '}';
    } else if (c == ')' || c == ']' || c == '}') {
      if (open.empty()) refuse(std::string("unexpected '") + c + "'");
      if (open.back() != c) refuse(std::string("unexpected '") + c + "', expected '" + open.back() + "'");
      open.pop_back();
    }
    add(TokenKind::kOperator, std::string(found));
    at_ += found.size();
  }

  const std::string source_;
  size_t at_ = 0;
  bool line_starts_ = true;  // did the last tag take the end of its line?
  std::vector<Token> tokens_;
  Position position_;
  size_t counted_ = 0;  // bytes that position_ counts
};

}  // namespace

std::vector<Token> tokenize(std::string_view source) {
  if (!is_valid_utf8(source)) throw SyntaxTrouble("it is not valid UTF-8", {});
  return Lexer(with_unix_lines(source)).run();
}

}  // namespace aurora::chat
