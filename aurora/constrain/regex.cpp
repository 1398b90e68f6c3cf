#include "aurora/constrain/regex.h"

#include <algorithm>
#include <array>

#include "aurora/base/error.h"
#include "aurora/constrain/text_nfa.h"
#include "aurora/unicode/classes.h"

namespace aurora::constrain {
namespace {

constexpr auto kLimit = static_cast<int64_t>(TextNfa::kMaxStates);

// What the automaton of a node has at least as states, each copy of a repetition counted.
int64_t weight(const RegexNode& node) {
  int64_t sum = 1;
  for (const RegexNode& child : node.children) sum = std::min(kLimit, sum + weight(child));
  if (node.kind != RegexNode::Kind::kRepeat) return sum;
  return std::min(kLimit, sum * std::max<int64_t>({1, node.min, node.max}));
}

class Builder {
 public:
  explicit Builder(TextNfa& nfa) : nfa_(nfa) {}

  // Gives where the path from `from` ends.
  uint32_t add(const RegexNode& node, uint32_t from) {
    switch (node.kind) {
      case RegexNode::Kind::kEmpty:
        return from;
      case RegexNode::Kind::kSet:
        return edge(from, node.set);
      case RegexNode::Kind::kBegin:
        return step(from, TextNfa::Step::kAtBegin);
      case RegexNode::Kind::kEnd:
        return step(from, TextNfa::Step::kAtEnd);
      case RegexNode::Kind::kSequence:
        for (const RegexNode& child : node.children) from = add(child, from);
        return from;
      case RegexNode::Kind::kAlternatives:
        return add_alternatives(node, from);
      case RegexNode::Kind::kRepeat:
        return add_repeat(node, from);
    }
    return from;
  }

  // Any text, in a loop behind which the path goes on.
  uint32_t add_anything(uint32_t from) {
    const uint32_t loop = step(from, TextNfa::Step::kFree);
    nfa_.add_edge(loop, CodeSet::all(), loop);
    return step(loop, TextNfa::Step::kFree);
  }

 private:
  uint32_t edge(uint32_t from, const CodeSet& set) {
    const uint32_t to = nfa_.add_state();
    nfa_.add_edge(from, set, to);
    return to;
  }

  uint32_t step(uint32_t from, TextNfa::Step step) {
    const uint32_t to = nfa_.add_state();
    nfa_.add_step(from, step, to);
    return to;
  }

  uint32_t add_alternatives(const RegexNode& node, uint32_t from) {
    const uint32_t end = nfa_.add_state();
    for (const RegexNode& child : node.children) {
      nfa_.add_step(add(child, step(from, TextNfa::Step::kFree)), TextNfa::Step::kFree, end);
    }
    return end;
  }

  uint32_t add_repeat(const RegexNode& node, uint32_t from) {
    const RegexNode& child = node.children[0];
    for (int64_t i = 0; i < node.min; ++i) from = add(child, from);
    const uint32_t end = nfa_.add_state();
    if (node.max < 0) {
      const uint32_t loop = step(from, TextNfa::Step::kFree);
      nfa_.add_step(add(child, loop), TextNfa::Step::kFree, loop);
      nfa_.add_step(loop, TextNfa::Step::kFree, end);
      return end;
    }
    for (int64_t i = node.min; i < node.max; ++i) {
      nfa_.add_step(from, TextNfa::Step::kFree, end);
      from = add(child, from);
    }
    nfa_.add_step(from, TextNfa::Step::kFree, end);
    return end;
  }

  TextNfa& nfa_;
};

struct NamedClasses {
  std::string_view name;
  unicode::ClassSet classes;
};

using unicode::Class;
using unicode::set_of;
constexpr std::array<NamedClasses, 18> kProperties = {{
    {"L", unicode::kLetters},
    {"Letter", unicode::kLetters},
    {"Lu", set_of(Class::kUpper)},
    {"Uppercase_Letter", set_of(Class::kUpper)},
    {"Ll", set_of(Class::kLower)},
    {"Lowercase_Letter", set_of(Class::kLower)},
    {"Lt", set_of(Class::kTitle)},
    {"Lm", set_of(Class::kModifier)},
    {"Lo", set_of(Class::kLetter)},
    {"M", unicode::kMarks},
    {"Mark", unicode::kMarks},
    {"N", unicode::kNumbers},
    {"Number", unicode::kNumbers},
    {"Nd", set_of(Class::kDigit)},
    {"P", set_of(Class::kPunctuation)},
    {"Punctuation", set_of(Class::kPunctuation)},
    {"S", set_of(Class::kSymbol)},
    {"Symbol", set_of(Class::kSymbol)},
}};

constexpr size_t kClasses = 13;

std::array<CodeSet, kClasses> characters_by_class() {
  std::array<CodeSet, kClasses> members;
  uint32_t begin = 0;
  for (uint32_t c = 1; c <= kLastCodePoint + 1; ++c) {
    const Class before = unicode::of(c - 1);
    if (c <= kLastCodePoint && unicode::of(c) == before) continue;
    members[static_cast<size_t>(before)].add(begin, c - 1);
    begin = c;
  }
  return members;
}

}  // namespace

bool property_set(std::string_view name, CodeSet& set) {
  static const std::array<CodeSet, kClasses> members = characters_by_class();
  const auto found = std::find_if(kProperties.begin(), kProperties.end(),
                                  [&](const NamedClasses& each) { return each.name == name; });
  if (found == kProperties.end()) return false;
  for (size_t c = 0; c < kClasses; ++c) {
    if (unicode::contains(found->classes, static_cast<Class>(c))) set.add(members[c]);
  }
  return true;
}

TextDfa compile_regex(std::string_view regex, RegexMatch match, Work& work, const std::string& where) {
  const RegexNode node = parse_regex(regex, where);
  if (weight(node) >= kLimit) refuse_size("the regular expression is", where);
  TextNfa nfa(where);
  Builder builder(nfa);
  uint32_t at = TextNfa::kStart;
  if (match == RegexMatch::kSearch) at = builder.add_anything(at);
  at = builder.add(node, at);
  if (match == RegexMatch::kSearch) at = builder.add_anything(at);
  TextDfa dfa = nfa.to_dfa(at, work);
  if (dfa.accepts_nothing()) {
    throw Error("no text matches the regular expression", where, "mend the expression");
  }
  return dfa;
}

}  // namespace aurora::constrain
