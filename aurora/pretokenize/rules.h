// What the patterns of the field are, as Rules of WordScanner. The regexes are in schemes.cpp.
#pragma once

#include "aurora/pretokenize/word_scanner.h"

namespace aurora::pretokenize {

// [^\r\n\p{L}\p{N}]
constexpr ClassSet kBeforeLetters =
    unicode::kAllClasses & ~(unicode::kLetters | unicode::kNumbers | unicode::set_of(Class::kLineEnd));

constexpr Rules kGpt2 = {.contractions = Contractions::kLower,
                         .space_before_letters = true,
                         .digits_max = 0,
                         .space_before_digits = true,
                         .line_ends = LineEnds::kLikeSpaces};

constexpr Rules kQwen2 = {.contractions = Contractions::kAnyCase,
                          .before_letters = kBeforeLetters,
                          .behind_symbols = Behind::kLineEnds};

constexpr Rules with_digits(Rules rules, int max) {
  rules.digits_max = max;
  return rules;
}
constexpr Rules with_line_ends(Rules rules, LineEnds line_ends) {
  rules.line_ends = line_ends;
  return rules;
}
constexpr Rules with_cut_out(Rules rules, CutOut cut_out) {
  rules.cut_out = cut_out;
  return rules;
}
constexpr Rules with_marks(Rules rules) {
  rules.letters |= unicode::kMarks;
  rules.symbols &= ~unicode::kMarks;
  return rules;
}

constexpr Rules kLlama3 = with_digits(kQwen2, 3);
constexpr Rules kCl100k = with_line_ends(kLlama3, LineEnds::kEndWordsButLast);
constexpr Rules kQwen35 = with_marks(kQwen2);

constexpr Rules kTekken = {.letters = unicode::kLetters | unicode::kMarks,
                           .cased = true,
                           .before_letters = kBeforeLetters,
                           .behind_symbols = Behind::kLineEndsAndSlashes};

constexpr Rules kO200k = {.contractions = Contractions::kBehindLetters,
                          .letters = kTekken.letters,
                          .cased = true,
                          .before_letters = kBeforeLetters,
                          .digits_max = 3,
                          .behind_symbols = Behind::kLineEndsAndSlashes};

constexpr Rules kDeepseekV3Words = {
    .letters = unicode::kLetters | unicode::kMarks,
    // [^\r\n\p{L}\p{P}\p{S}]
    .before_letters = unicode::kAllClasses & ~(unicode::kLetters | unicode::kPunctuationAndSymbols |
                                               unicode::set_of(Class::kLineEnd)),
    .digits_max = -1,
    .symbols = unicode::kPunctuationAndSymbols,
    .behind_symbols = Behind::kLineEnds,
    .symbol_joins_ascii = true};

}  // namespace aurora::pretokenize
