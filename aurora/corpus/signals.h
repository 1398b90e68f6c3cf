// What the filters look at: numbers measured on one document. Every signal is defined word by word in
// docs/formats/filters.md; ratios are 0 where their denominator is.
#pragma once

#include <string_view>

#include "aurora/corpus/words.h"

namespace aurora::corpus {

// "Line" is a line that is not blank; "word", "symbol word": words.h; "character": a code point.
struct Signals {
  // From the text alone.
  double characters = 0;
  double replacement_characters = 0;  // U+FFFD per character
  double alphanumeric = 0;            // letters and digits per non-space character
  double ascii = 0;                   // ASCII characters per non-space character
  double longest_line = 0;            // characters
  double mean_line = 0;               // characters
  double hash_marks = 0;              // '#' per word
  double ellipses = 0;                // "..." or "…" per word
  double bullet_lines = 0;            // share of lines
  double ellipsis_lines = 0;          // share of lines

  // From the words.
  double words = 0;
  double mean_word_length = 0;  // characters
  double alphabetic_words = 0;  // words with a letter per word or symbol word, code and formulas apart
  double stop_words = 0;        // different words of the language's list

  // Repetition; set by measure_repetition().
  double duplicate_lines = 0;                 // share of lines
  double duplicate_paragraphs = 0;            // share of paragraphs
  double duplicate_line_characters = 0;       // share of characters
  double duplicate_paragraph_characters = 0;  // share of characters
  double top_ngram[5] = {};                   // [n], n = 2, 3, 4: share of characters
  double duplicate_ngrams[11] = {};           // [n], n = 5 .. 10: share of characters
};

// All but repetition. text: as clean() leaves it; words: its segmentation; language: chooses the stop words.
Signals measure_text(std::string_view text, const Words& words, std::string_view language);

// Adds repetition (Gopher's, Rae et al. 2021, table A1). spaced: the language separates words by spaces,
// which then count among an n-gram's characters.
void measure_repetition(std::string_view text, const Words& words, bool spaced, Signals& signals);

// Whether the language separates words by spaces.
bool is_spaced_language(std::string_view language);

}  // namespace aurora::corpus
