// Words: ICU's word segments (UAX #29 with ICU's dictionaries for Japanese and Chinese, root locale) that
// hold at least one letter or digit. Lines of simple scripts (Latin, Greek, Cyrillic without combining marks)
// take a scanner of our own that finds the same words; other lines go through ICU.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace aurora::corpus {

struct Word {
  uint64_t hash = 0;        // of the case-folded characters: word_hash() of the same word
  uint32_t begin = 0;       // byte offset in the text
  uint32_t bytes = 0;       //
  uint32_t characters = 0;  // code points
  bool has_letter = false;

  bool operator==(const Word&) const = default;
};

// kUnicode: as above. kTokens: maximal runs of anything but white space, for formal text, code and sequences,
// where a symbol is as good as a word.
enum class Segmentation { kUnicode, kTokens };

struct Words {
  std::vector<Word> words;  // in text order
  // kUnicode: maximal runs of non-space characters that touch no word ("--", "=", "#"), but for a lone "|",
  // the border of a table's cell.
  int64_t symbol_words = 0;
};

// text: valid UTF-8, less than 4 GiB. Reuses the memory of `out`. Thread-safe (ICU's iterators are kept per
// thread).
void segment(std::string_view text, Segmentation segmentation, Words& out);

// The same for every text, by ICU alone: what the fast scanner is tested against.
void segment_by_icu(std::string_view text, Words& out);

// 64-bit hash of a case-folded word (Unicode simple folding). Part of no file format, but near-duplicate
// decisions depend on it.
uint64_t word_hash(std::string_view word);

}  // namespace aurora::corpus
