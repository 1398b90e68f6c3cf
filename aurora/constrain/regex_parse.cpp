#include <fmt/format.h>

#include <utility>

#include "aurora/base/error.h"
#include "aurora/base/utf8.h"
#include "aurora/constrain/regex.h"
#include "aurora/constrain/text_nfa.h"

namespace aurora::constrain {
namespace {

constexpr int kMaxDepth = 200;
using Kind = RegexNode::Kind;

// ECMA-262: WhiteSpace and LineTerminator.
CodeSet white_space() {
  CodeSet set(0x09, 0x0d);
  for (const uint32_t c : {0x20, 0xa0, 0x1680, 0x202f, 0x205f, 0x3000, 0xfeff}) set.add(c, c);
  set.add(0x2000, 0x200a);
  set.add(0x2028, 0x2029);
  return set;
}

CodeSet word_characters() {
  CodeSet set('0', '9');
  set.add('A', 'Z');
  set.add('a', 'z');
  set.add('_', '_');
  return set;
}

CodeSet any_but_line_ends() {
  CodeSet ends('\n', '\n');
  ends.add('\r', '\r');
  ends.add(0x2028, 0x2029);
  return ends.complement();
}

// \d \w \s and their complements.
bool shorthand(uint32_t letter, CodeSet& set) {
  switch (letter) {
    case 'd':
    case 'D':
      set = CodeSet('0', '9');
      break;
    case 'w':
    case 'W':
      set = word_characters();
      break;
    case 's':
    case 'S':
      set = white_space();
      break;
    default:
      return false;
  }
  if (letter < 'a') set = set.complement();
  return true;
}

RegexNode set_node(CodeSet set) {
  RegexNode node;
  node.kind = Kind::kSet;
  node.set = std::move(set);
  return node;
}

class Parser {
 public:
  Parser(std::string_view text, const std::string& where) : text_(text), where_(where) {}

  RegexNode run() {
    if (text_.size() > kMaxRegexBytes) refuse(fmt::format("longer than {} bytes", kMaxRegexBytes));
    RegexNode node = alternatives();
    if (at_ < text_.size()) refuse("a ) without its (");
    return node;
  }

 private:
  [[noreturn]] void refuse(const std::string& what) const { refuse_at(what, at_); }
  [[noreturn]] void refuse_at(const std::string& what, size_t at) const {
    throw Error("regular expression: " + what, fmt::format("{}@{}", where_, at),
                "see docs/formats/constrained-output.md for what is supported");
  }

  bool at_end() const { return at_ >= text_.size(); }
  bool looks_at(std::string_view what) const { return text_.substr(at_).starts_with(what); }
  bool take(std::string_view what) {
    if (!looks_at(what)) return false;
    at_ += what.size();
    return true;
  }
  uint32_t next() {
    if (at_end()) refuse("ends too early");
    const Decoded character = decode_utf8(text_, at_);
    if (!character.valid) refuse("bytes that are no UTF-8");
    at_ += character.bytes;
    return character.code_point;
  }

  RegexNode alternatives() {
    if (++depth_ > kMaxDepth) refuse(fmt::format("groups nested more than {} deep", kMaxDepth));
    RegexNode node;
    node.kind = Kind::kAlternatives;
    do {
      node.children.push_back(sequence());
    } while (take("|"));
    --depth_;
    if (node.children.size() == 1) return std::move(node.children[0]);
    return node;
  }

  RegexNode sequence() {
    RegexNode node;
    node.kind = Kind::kSequence;
    while (!at_end() && !looks_at("|") && !looks_at(")")) node.children.push_back(quantified());
    return node;
  }

  RegexNode quantified() {
    const size_t begin = at_;
    RegexNode node = atom();
    RegexNode repeat;
    repeat.kind = Kind::kRepeat;
    if (!quantifier(repeat)) return node;
    if (node.kind == Kind::kBegin || node.kind == Kind::kEnd) refuse_at("a repeated anchor", begin);
    if (looks_at("+")) refuse("a possessive quantifier");
    take("?");  // lazy: the same texts
    if (looks_at("*") || looks_at("+") || looks_at("?") || looks_at("{"))
      refuse("a quantifier of a quantifier");
    repeat.children.push_back(std::move(node));
    return repeat;
  }

  bool quantifier(RegexNode& repeat) {
    const size_t begin = at_;
    repeat.max = -1;
    if (take("*")) return true;
    if (take("+")) {
      repeat.min = 1;
      return true;
    }
    if (take("?")) {
      repeat.max = 1;
      return true;
    }
    if (!take("{")) return false;
    repeat.min = number();
    repeat.max = repeat.min;
    if (take(",")) repeat.max = looks_at("}") ? -1 : number();
    if (!take("}")) refuse_at("a { that begins no {m}, {m,} or {m,n}; a brace as such is \\{", begin);
    if (repeat.max >= 0 && repeat.max < repeat.min) refuse_at("{m,n} with m above n", begin);
    return true;
  }

  int64_t number() {
    const size_t begin = at_;
    int64_t value = 0;
    while (!at_end() && text_[at_] >= '0' && text_[at_] <= '9') {
      value = value * 10 + (text_[at_++] - '0');
      if (value > static_cast<int64_t>(TextNfa::kMaxStates)) refuse_at("a count that is too large", begin);
    }
    if (at_ == begin) refuse("no number where {m,n} needs one; a brace as such is \\{");
    return value;
  }

  RegexNode atom() {
    const size_t begin = at_;
    const uint32_t c = next();
    RegexNode node;
    switch (c) {
      case '^':
        node.kind = Kind::kBegin;
        return node;
      case '$':
        node.kind = Kind::kEnd;
        return node;
      case '.':
        return set_node(any_but_line_ends());
      case '(':
        return group(begin);
      case '[':
        return set_node(character_class(begin));
      case '\\':
        return set_node(escape(begin, false));
      case '*':
      case '+':
      case '?':
      case '{':
        refuse_at("a quantifier of nothing", begin);
      default:
        return set_node(CodeSet(c, c));
    }
  }

  RegexNode group(size_t begin) {
    if (take("?")) {
      if (take("=") || take("!")) refuse_at("look-ahead", begin);
      if (take("<=") || take("<!")) refuse_at("look-behind", begin);
      if (take(">")) refuse_at("an atomic group", begin);
      if (take("P=") || take("P>")) refuse_at("a back-reference or recursion", begin);
      if (take("P<") || take("<")) {
        while (next() != '>') {
        }
      } else if (!take(":")) {
        refuse_at("flags or another kind of group", begin);
      }
    } else if (take("*")) {
      refuse_at("a verb of PCRE", begin);
    }
    RegexNode node = alternatives();
    if (!take(")")) refuse_at("a ( without its )", begin);
    return node;
  }

  CodeSet character_class(size_t begin) {
    const bool negated = take("^");
    CodeSet set;
    while (!take("]")) {
      if (at_end()) refuse_at("a [ without its ]", begin);
      if (looks_at("[:")) refuse("a POSIX class");
      const size_t at = at_;
      const CodeSet low = class_item();
      if (!looks_at("-") || looks_at("-]")) {
        set.add(low);
        continue;
      }
      take("-");
      const CodeSet high = class_item();
      if (!is_single(low) || !is_single(high)) refuse_at("a range between classes", at);
      if (high.ranges()[0].low < low.ranges()[0].low) refuse_at("a range whose end is before its begin", at);
      set.add(low.ranges()[0].low, high.ranges()[0].low);
    }
    return negated ? set.complement() : set;
  }

  static bool is_single(const CodeSet& set) {
    return set.ranges().size() == 1 && set.ranges()[0].low == set.ranges()[0].high;
  }

  CodeSet class_item() {
    const size_t begin = at_;
    const uint32_t c = next();
    return c == '\\' ? escape(begin, true) : CodeSet(c, c);
  }

  CodeSet escape(size_t begin, bool in_class) {
    const uint32_t c = next();
    CodeSet set;
    if (shorthand(c, set)) return set;
    if (c == 'p' || c == 'P') return property(begin, c == 'P');
    if (in_class && c == 'b') return {'\b', '\b'};
    if (in_class && c == '-') return {'-', '-'};
    if (c == 'b' || c == 'B') refuse_at("a word boundary", begin);
    if ((c >= '1' && c <= '9') || c == 'k') refuse_at("a back-reference", begin);
    const uint32_t one = escaped_character(c, begin);
    return {one, one};
  }

  uint32_t escaped_character(uint32_t c, size_t begin) {
    switch (c) {
      case 'n':
        return '\n';
      case 'r':
        return '\r';
      case 't':
        return '\t';
      case 'f':
        return '\f';
      case 'v':
        return '\v';
      case '0':
        if (!at_end() && text_[at_] >= '0' && text_[at_] <= '9') refuse_at("an octal escape", begin);
        return 0;
      case 'x':
        return hex(2, begin);
      case 'u':
        return take("{") ? braced(begin) : utf16(begin);
      default:
        if (c >= 0x80 || std::isalnum(static_cast<int>(c)) != 0) refuse_at("an unknown escape", begin);
        return c;
    }
  }

  uint32_t hex_digit(size_t begin) {
    const uint32_t c = next();
    if (c >= '0' && c <= '9') return c - '0';
    if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f') return (c | 0x20) - 'a' + 10;
    refuse_at("an escape with a character that is no hexadecimal digit", begin);
  }

  uint32_t hex(int digits, size_t begin) {
    uint32_t value = 0;
    for (int i = 0; i < digits; ++i) value = value * 16 + hex_digit(begin);
    return value;
  }

  uint32_t utf16(size_t begin) {
    const uint32_t high = hex(4, begin);
    if (high < 0xd800 || high > 0xdfff) return high;
    if (high >= 0xdc00 || !take("\\u")) refuse_at("half of a surrogate pair", begin);
    const uint32_t low = hex(4, begin);
    if (low < 0xdc00 || low > 0xdfff) refuse_at("half of a surrogate pair", begin);
    return 0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00);
  }

  uint32_t braced(size_t begin) {
    uint32_t value = hex_digit(begin);
    while (!take("}")) {
      value = value * 16 + hex_digit(begin);
      if (value > kLastCodePoint) refuse_at("a character beyond U+10FFFF", begin);
    }
    if (value >= 0xd800 && value <= 0xdfff) refuse_at("half of a surrogate pair", begin);
    return value;
  }

  CodeSet property(size_t begin, bool negated) {
    std::string name;
    if (take("{")) {
      if (take("^")) negated = !negated;
      for (uint32_t c = next(); c != '}'; c = next()) append_utf8(name, c);
    } else {
      append_utf8(name, next());
    }
    CodeSet set;
    if (!property_set(name, set)) refuse_at(fmt::format("the property {}", name), begin);
    return negated ? set.complement() : set;
  }

  std::string_view text_;
  const std::string& where_;
  size_t at_ = 0;
  int depth_ = 0;
};

}  // namespace

RegexNode parse_regex(std::string_view regex, const std::string& where) {
  return Parser(regex, where).run();
}

}  // namespace aurora::constrain
