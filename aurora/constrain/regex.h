// Regular expressions, in the dialect that JSON Schema names: ECMA-262 with the flag u. Groups (capturing,
// named, not capturing), alternatives, * + ? {m} {m,} {m,n} and their lazy twins, classes, \d \w \s (ASCII,
// but for the white space of Unicode) and their complements, \p{L} and the like, ^ and $. Look-around,
// back-references, word boundaries, flags and possessive quantifiers are refused by name and place.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "aurora/constrain/code_set.h"
#include "aurora/constrain/text_dfa.h"

namespace aurora::constrain {

struct RegexNode {
  enum class Kind { kEmpty, kSet, kSequence, kAlternatives, kRepeat, kBegin, kEnd };
  Kind kind = Kind::kEmpty;
  CodeSet set{};                      // kSet
  std::vector<RegexNode> children{};  // kRepeat: one
  int64_t min = 0;                    // kRepeat
  int64_t max = 0;                    // kRepeat; -1: no limit
};

constexpr size_t kMaxRegexBytes = 16384;

// Error at "where@offset".
RegexNode parse_regex(std::string_view regex, const std::string& where);

enum class RegexMatch {
  kWhole,   // the text as a whole
  kSearch,  // anywhere in the text, as JSON Schema's `pattern`
};
// Error: as parse_regex, or too large, or no text matches.
TextDfa compile_regex(std::string_view regex, RegexMatch match, Work& work, const std::string& where);

// What \p{name} stands for; false: no such name.
bool property_set(std::string_view name, CodeSet& set);

}  // namespace aurora::constrain
