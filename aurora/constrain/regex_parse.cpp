#include <fmt/format.h>

#include <utility>

#include "aurora/constrain/regex.h"
#include "aurora/constrain/regex_cursor.h"
#include "aurora/constrain/text_nfa.h"

namespace aurora::constrain {
namespace {

constexpr int kMaxDepth = 200;
using Kind = RegexNode::Kind;

CodeSet any_but_line_ends() {
  CodeSet ends('\n', '\n');
  ends.add('\r', '\r');
  ends.add(0x2028, 0x2029);
  return ends.complement();
}

RegexNode set_node(CodeSet set) {
  RegexNode node;
  node.kind = Kind::kSet;
  node.set = std::move(set);
  return node;
}

class Parser : private RegexCursor {
 public:
  Parser(std::string_view text, const std::string& where) : RegexCursor(text, where), size_(text.size()) {}

  RegexNode run() {
    if (size_ > kMaxRegexBytes) refuse(fmt::format("longer than {} bytes", kMaxRegexBytes));
    RegexNode node = alternatives();
    if (!at_end()) refuse("a ) without its (");
    return node;
  }

 private:
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
    const size_t begin = at();
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
    const size_t begin = at();
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
    const size_t begin = at();
    int64_t value = 0;
    while (looks_at_digit()) {
      value = value * 10 + (next() - '0');
      if (value > static_cast<int64_t>(TextNfa::kMaxStates)) refuse_at("a count that is too large", begin);
    }
    if (at() == begin) refuse("no number where {m,n} needs one; a brace as such is \\{");
    return value;
  }

  RegexNode atom() {
    const size_t begin = at();
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
      const size_t item = at();
      const CodeSet low = class_item();
      if (!looks_at("-") || looks_at("-]")) {
        set.add(low);
        continue;
      }
      take("-");
      const CodeSet high = class_item();
      if (!is_single(low) || !is_single(high)) refuse_at("a range between classes", item);
      if (high.ranges()[0].low < low.ranges()[0].low)
        refuse_at("a range whose end is before its begin", item);
      set.add(low.ranges()[0].low, high.ranges()[0].low);
    }
    return negated ? set.complement() : set;
  }

  static bool is_single(const CodeSet& set) {
    return set.ranges().size() == 1 && set.ranges()[0].low == set.ranges()[0].high;
  }

  CodeSet class_item() {
    const size_t begin = at();
    const uint32_t c = next();
    return c == '\\' ? escape(begin, true) : CodeSet(c, c);
  }

  const size_t size_;
  int depth_ = 0;
};

}  // namespace

RegexNode parse_regex(std::string_view regex, const std::string& where) {
  return Parser(regex, where).run();
}

}  // namespace aurora::constrain
