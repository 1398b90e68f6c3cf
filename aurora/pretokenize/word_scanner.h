// The family that most patterns of the field belong to, written once: a word is a contraction, or letters
// with one character before them, or digits, or symbols with a space before them, or white space. `Rules` say
// what differs. Read character by character; this is what the fast scanners are held against.
//
// Every scanner here has word(at): the end of the word that begins at text[at], which must be a cut.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "aurora/unicode/classes.h"

namespace aurora::pretokenize {

using unicode::Char;
using unicode::Class;
using unicode::ClassSet;
using unicode::contains;

// Stands for "nothing more here": in no ClassSet, so that loops over a set end at it.
constexpr Class kEnd = static_cast<Class>(31);

// 's 't 're 've 'm 'll 'd
enum class Contractions {
  kNone,
  kLower,          // before all else, as written
  kAnyCase,        // before all else, in either case, also with the long s (U+017F), which folds to s
  kBehindLetters,  // in either case, as the end of a word of letters
};

enum class LineEnds {
  kLikeSpaces,       // \s+(?!\S)|\s+
  kEndWords,         // \s*[\r\n]+ before that
  kEndWordsButLast,  // \s+$ before both: white space at the end of the text is one word
};

enum class Behind { kNothing, kLineEnds, kLineEndsAndSlashes };  // may follow symbols: [\r\n]*, [\r\n/]*

// What a step before has cut out of the text: the text ends where such a character begins.
enum class CutOut {
  kNothing,
  kDigits,         // Digits of HF tokenizers
  kAllButCjk,      // inside the second of deepseek-v3's
  kNumbersAndCjk,  // deepseek-v3's \p{N}{1,3} and [一-龥぀-ゟ゠-ヿ]+
};

struct Rules {
  Contractions contractions = Contractions::kNone;
  ClassSet letters = unicode::kLetters;
  // A word of letters is any number of non-lowercase ones, then any number of non-uppercase ones
  // (CamelCase is cut); `letters` then has kMark, and marks, too, may stand before letters.
  bool cased = false;
  ClassSet before_letters = 0;        // one such character joins the letters behind it
  bool space_before_letters = false;  // a space (U+0020) joins them
  int digits_max = 1;                 // 0: any number; -1: digits are no words
  bool space_before_digits = false;
  ClassSet symbols = unicode::kAllClasses & ~(unicode::kLetters | unicode::kNumbers | unicode::kSpaces);
  Behind behind_symbols = Behind::kNothing;
  LineEnds line_ends = LineEnds::kEndWords;
  bool symbol_joins_ascii = false;  // one ASCII symbol joins the ASCII letters behind it, before all else
  CutOut cut_out = CutOut::kNothing;
};

// [一-龥぀-ゟ゠-ヿ]
constexpr bool is_deepseek_v3_cjk(uint32_t c) {
  return (c >= 0x4e00 && c <= 0x9fa5) || (c >= 0x3040 && c <= 0x30ff);
}
// What Digits of HF tokenizers 0.23.3 isolates: Rust's char::is_numeric, which knows Unicode 17.0's numbers.
constexpr bool is_numeric(const Char& c) {
  return contains(unicode::kNumbers, c.kind) || (c.code_point >= 0x11de0 && c.code_point <= 0x11de9) ||
         (c.code_point >= 0x16ff4 && c.code_point <= 0x16ff6);
}
constexpr bool is_ascii_letter(uint32_t c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

template <Rules kRules>
class WordScanner {
 public:
  explicit WordScanner(std::string_view text) : text_(text) {}

  static bool is_cut_out(const Char& c) {
    if constexpr (kRules.cut_out == CutOut::kDigits) return is_numeric(c);
    if constexpr (kRules.cut_out == CutOut::kAllButCjk) return !is_deepseek_v3_cjk(c.code_point);
    if constexpr (kRules.cut_out == CutOut::kNumbersAndCjk) {
      return contains(unicode::kNumbers, c.kind) || is_deepseek_v3_cjk(c.code_point);
    }
    return false;
  }

  // Where the pattern matches nothing, the word goes up to the next match.
  size_t word(size_t at) const {
    size_t end = match(at);
    if (end != 0) return end;
    do {
      const Char here = peek(at);
      if (here.kind == kEnd) break;
      at += here.bytes;
    } while (match(at) == 0);
    return at;
  }

 private:
  // End of the match that begins at `at`; 0: none does.
  size_t match(size_t at) const {
    const Char here = peek(at);
    if constexpr (kRules.contractions == Contractions::kLower ||
                  kRules.contractions == Contractions::kAnyCase) {
      if (here.code_point == '\'') {
        if (const size_t end = contraction(at + 1)) return end;
      }
    }
    if constexpr (kRules.symbol_joins_ascii) {
      if (const size_t end = symbol_and_ascii(at, here)) return end;
    }
    const size_t letters = kRules.cased ? cased_letters(at, here) : plain_letters(at, here);
    if (letters != 0) return letters;
    if (const size_t end = digits(at, here)) return end;
    if (const size_t end = symbols(at, here)) return end;
    return contains(unicode::kSpaces, here.kind) ? spaces(at) : 0;
  }

  Char peek(size_t at) const {
    if (at >= text_.size()) return {0, kEnd, 0};
    const Char found = unicode::read(text_, at);
    return is_cut_out(found) ? Char{0, kEnd, 0} : found;
  }

  size_t run(size_t at, ClassSet set) const {
    for (Char next = peek(at); contains(set, next.kind); next = peek(at)) at += next.bytes;
    return at;
  }

  // End of s, t, re, ve, m, ll, d; 0: none.
  size_t contraction(size_t at) const {
    if (at >= text_.size()) return 0;
    const int fold = kRules.contractions == Contractions::kLower ? 0 : 0x20;
    const char first = static_cast<char>(text_[at] | fold);
    if (first == 's' || first == 't' || first == 'm' || first == 'd') return at + 1;
    if (fold != 0 && text_.substr(at, 2) == "\xc5\xbf") return at + 2;
    if (at + 1 >= text_.size()) return 0;
    const char second = static_cast<char>(text_[at + 1] | fold);
    const bool two = ((first == 'r' || first == 'v') && second == 'e') || (first == 'l' && second == 'l');
    return two ? at + 2 : 0;
  }

  // [!"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+
  size_t symbol_and_ascii(size_t at, const Char& here) const {
    if (here.code_point >= 0x80 || !contains(unicode::kPunctuationAndSymbols, here.kind)) return 0;
    size_t end = at + 1;
    while (is_ascii_letter(peek(end).code_point)) ++end;
    return end == at + 1 ? 0 : end;
  }

  bool joins_letters(const Char& here) const {
    return contains(kRules.before_letters, here.kind) ||
           (kRules.space_before_letters && here.code_point == ' ');
  }

  size_t plain_letters(size_t at, const Char& here) const {
    if (contains(kRules.letters, here.kind)) return run(at + here.bytes, kRules.letters);
    if (!joins_letters(here)) return 0;
    const size_t end = run(at + here.bytes, kRules.letters);
    return end == at + here.bytes ? 0 : end;
  }

  // The two alternatives X*Y+ and X+Y*, each with the character before and then without it.
  size_t cased_letters(size_t at, const Char& here) const {
    const bool joins = joins_letters(here);
    const bool itself = contains(kRules.letters, here.kind);
    size_t end = 0;
    if (joins) end = upper_then_lower(at + here.bytes);
    if (end == 0 && itself) end = upper_then_lower(at);
    if (end == 0 && joins) end = upper_run(at + here.bytes);
    if (end == 0 && itself) end = upper_run(at);
    if (end == 0) return 0;
    if constexpr (kRules.contractions == Contractions::kBehindLetters) {
      if (peek(end).code_point == '\'') {
        if (const size_t behind = contraction(end + 1)) return behind;
      }
    }
    return end;
  }

  static constexpr ClassSet kNotLower = kRules.letters & ~unicode::set_of(Class::kLower);
  static constexpr ClassSet kNotUpper = kRules.letters & ~unicode::set_of(Class::kUpper, Class::kTitle);

  // X*Y+: X takes all it can and gives back up to the last character that is also a Y when no Y follows.
  size_t upper_then_lower(size_t at) const {
    size_t last_both = 0;  // end of it
    for (Char next = peek(at);; next = peek(at)) {
      if (!contains(kNotLower, next.kind)) {
        return contains(kNotUpper, next.kind) ? run(at, kNotUpper) : last_both;
      }
      at += next.bytes;
      if (contains(kNotUpper, next.kind)) last_both = at;
    }
  }

  // X+Y* where X*Y+ matched nothing, so that no Y follows.
  size_t upper_run(size_t at) const {
    const size_t end = run(at, kNotLower);
    return end == at ? 0 : end;
  }

  size_t digits(size_t at, const Char& here) const {
    if constexpr (kRules.digits_max < 0) return 0;
    size_t end = at;
    if (kRules.space_before_digits && here.code_point == ' ') ++end;
    const size_t begin = end;
    int count = 0;
    for (Char next = peek(end); contains(unicode::kNumbers, next.kind); next = peek(end)) {
      if (kRules.digits_max > 0 && ++count > kRules.digits_max) break;
      end += next.bytes;
    }
    return end == begin ? 0 : end;
  }

  size_t symbols(size_t at, const Char& here) const {
    const size_t begin = here.code_point == ' ' ? at + 1 : at;
    size_t end = run(begin, kRules.symbols);
    if (end == begin) return 0;
    if constexpr (kRules.behind_symbols != Behind::kNothing) {
      for (Char next = peek(end); next.kind == Class::kLineEnd || slash(next); next = peek(end)) ++end;
    }
    return end;
  }
  static bool slash(const Char& next) {
    return kRules.behind_symbols == Behind::kLineEndsAndSlashes && next.code_point == '/';
  }

  // Spaces up to and with the last line end; without one, all but the last space, which the next word may
  // want; a single space stands alone.
  size_t spaces(size_t begin) const {
    size_t last_begin = begin;
    size_t line_end = 0;
    size_t at = begin;
    Char next = peek(at);
    for (; contains(unicode::kSpaces, next.kind); next = peek(at)) {
      last_begin = at;
      at += next.bytes;
      if (next.kind == Class::kLineEnd) line_end = at;
    }
    const bool at_end = next.kind == kEnd;
    if (kRules.line_ends == LineEnds::kEndWordsButLast && at_end) return at;
    if (kRules.line_ends != LineEnds::kLikeSpaces && line_end != 0) return line_end;
    return at_end || last_begin == begin ? at : last_begin;
  }

  std::string_view text_;
};

// A CutFunction of a scanner.
template <class Scanner>
size_t cut_with(std::string_view text, size_t at, std::span<uint32_t> ends) {
  const Scanner scanner(text);
  size_t count = 0;
  while (count < ends.size() && at < text.size()) {
    at = scanner.word(at);
    ends[count++] = static_cast<uint32_t>(at);
  }
  return count;
}

}  // namespace aurora::pretokenize
