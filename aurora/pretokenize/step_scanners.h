// Patterns that are one step of a sequence: they match some stretches, and what lies between two matches is a
// word, too (`Isolated`). The steps of DeepSeek's tokenizers and of Digits.
#pragma once

#include "aurora/pretokenize/rules.h"

namespace aurora::pretokenize {

struct Number {
  static bool holds(const Char& c) { return contains(unicode::kNumbers, c.kind); }
};

// Matches: a run of at most kMax (0: any number) characters for which Set::holds; kSpaceBefore: with one
// character of white space before it, \s?[...]+.
template <class Set, size_t kMax = 0, bool kSpaceBefore = false>
class RunScanner {
 public:
  explicit RunScanner(std::string_view text) : text_(text) {}

  size_t word(size_t at) const {
    size_t end = match(at);
    if (end != 0) return end;
    do at += peek(at).bytes;
    while (at < text_.size() && match(at) == 0);
    return at;
  }

 private:
  Char peek(size_t at) const { return at < text_.size() ? unicode::read(text_, at) : Char{0, kEnd, 0}; }
  static bool holds(const Char& next) { return next.kind != kEnd && Set::holds(next); }

  size_t match(size_t at) const {
    const Char here = peek(at);
    size_t begin = at;
    if (kSpaceBefore && contains(unicode::kSpaces, here.kind) && holds(peek(at + here.bytes))) {
      begin += here.bytes;
    }
    size_t end = begin;
    size_t count = 0;
    for (Char next = peek(end); holds(next) && (kMax == 0 || count < kMax); next = peek(end)) {
      end += next.bytes;
      ++count;
    }
    return end == begin ? 0 : end;
  }

  std::string_view text_;
};

// \s+$ with Oniguruma's $, which also stands before a line feed.
class TrailingSpaceScanner {
 public:
  explicit TrailingSpaceScanner(std::string_view text) : text_(text) {}

  size_t word(size_t at) const {
    const size_t begin = at;
    while (at < text_.size()) {
      size_t last_line_feed = at;
      size_t end = at;
      while (end < text_.size()) {
        const Char next = unicode::read(text_, end);
        if (!contains(unicode::kSpaces, next.kind)) break;
        if (next.code_point == '\n') last_line_feed = end;
        end += next.bytes;
      }
      const size_t match_end = end == text_.size() ? end : last_line_feed;
      if (match_end > at) return at == begin ? match_end : at;
      at = end;
      if (at < text_.size()) at += unicode::read(text_, at).bytes;
    }
    return at;
  }

 private:
  std::string_view text_;
};

// Digits one by one, then words in what is left: both in one pass.
template <Rules kRules>
class DigitsAndWordsScanner {
 public:
  explicit DigitsAndWordsScanner(std::string_view text) : text_(text), words_(text) {}

  size_t word(size_t at) const {
    const Char here = unicode::read(text_, at);
    return is_numeric(here) ? at + here.bytes : words_.word(at);
  }

 private:
  std::string_view text_;
  WordScanner<with_cut_out(kRules, CutOut::kDigits)> words_;
};

// deepseek-v3: numbers, Chinese and Japanese, words in what is left and in the Chinese and Japanese.
template <Rules kRules>
class DeepseekV3Scanner {
 public:
  explicit DeepseekV3Scanner(std::string_view text)
      : text_(text), numbers_(text), cjk_words_(text), words_(text) {}

  size_t word(size_t at) const {
    const Char here = unicode::read(text_, at);
    if (Number::holds(here)) return numbers_.word(at);
    return is_deepseek_v3_cjk(here.code_point) ? cjk_words_.word(at) : words_.word(at);
  }

 private:
  std::string_view text_;
  RunScanner<Number, 3> numbers_;
  WordScanner<with_cut_out(kRules, CutOut::kAllButCjk)> cjk_words_;
  WordScanner<with_cut_out(kRules, CutOut::kNumbersAndCjk)> words_;
};

}  // namespace aurora::pretokenize
