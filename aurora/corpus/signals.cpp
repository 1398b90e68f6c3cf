#include "aurora/corpus/signals.h"

#include <unicode/uchar.h>

#include <algorithm>
#include <array>

#include "aurora/corpus/characters.h"
#include "aurora/corpus/stop_words.h"
#include "aurora/corpus/verbatim.h"

namespace aurora::corpus {
namespace {

constexpr std::string_view kEllipsis = "…";

double ratio(double part, double whole) {
  return whole > 0 ? part / whole : 0;
}

struct Counts {
  int64_t characters = 0;
  int64_t spaces = 0;
  int64_t alphanumeric = 0;
  int64_t ascii = 0;  // without white space
  int64_t replacements = 0;
  int64_t hash_marks = 0;
  int64_t ellipses = 0;
};

// Occurrences that do not overlap.
int64_t count_of(std::string_view text, std::string_view part) {
  int64_t count = 0;
  for (size_t at = text.find(part); at != text.npos; at = text.find(part, at + part.size())) ++count;
  return count;
}

// Every kind of ASCII character is counted in a pass of its own, which the compiler turns into vector code;
// only the characters above are looked at one by one.
Counts count_characters_by_kind(std::string_view text) {
  Counts counts;
  counts.characters = count_characters(text);
  counts.spaces = count_bytes(text, [](uint8_t c) { return c == ' ' || (c >= '\t' && c <= '\r'); });
  counts.ascii = count_bytes(text, [](uint8_t c) { return c < 0x80; }) - counts.spaces;
  counts.alphanumeric = count_bytes(
      text, [](uint8_t c) { return (c >= '0' && c <= '9') | (static_cast<uint8_t>((c | 0x20) - 'a') < 26); });
  counts.hash_marks = count_bytes(text, [](uint8_t c) { return c == '#'; });
  counts.ellipses = count_of(text, "...") + count_of(text, kEllipsis);
  for (size_t at = find_non_ascii(text, 0); at < text.size(); at = find_non_ascii(text, at)) {
    const Character character = character_at(text.data() + at);
    counts.spaces += is_space(character.code);
    counts.replacements += character.code == 0xFFFD;
    counts.alphanumeric += u_isalnum(static_cast<UChar32>(character.code)) != 0;
    at += character.bytes;
  }
  return counts;
}

std::string_view without_indent(std::string_view line) {
  while (!line.empty()) {
    if (line.starts_with(' ') || line.starts_with('\t')) {
      line.remove_prefix(1);
    } else if (line.starts_with("\xC2\xA0")) {
      line.remove_prefix(2);
    } else if (line.starts_with("\xE3\x80\x80")) {
      line.remove_prefix(3);
    } else {
      break;
    }
  }
  return line;
}

bool is_bullet_line(std::string_view line) {
  line = without_indent(line);
  for (const std::string_view bullet : {"•", "‣", "◦", "·", "・", "–"}) {
    if (line.starts_with(bullet)) return true;
  }
  return line.starts_with('-') || line.starts_with("* ") || line.starts_with("+ ");
}

struct LineCounts {
  int64_t lines = 0;
  int64_t longest = 0;
  int64_t characters = 0;
  int64_t bullets = 0;
  int64_t ellipses = 0;
};

LineCounts count_lines(std::string_view text) {
  LineCounts counts;
  for (size_t begin = 0; begin < text.size();) {
    const size_t end = std::min(text.find('\n', begin), text.size());
    const std::string_view line = text.substr(begin, end - begin);
    begin = end + 1;
    if (line.empty()) continue;
    const int64_t characters = count_characters(line);
    ++counts.lines;
    counts.characters += characters;
    counts.longest = std::max(counts.longest, characters);
    counts.bullets += is_bullet_line(line);
    counts.ellipses += line.ends_with("...") || line.ends_with(kEllipsis);
  }
  return counts;
}

}  // namespace

namespace {

// Words with a letter per word or symbol word, code and formulas apart.
double measure_alphabetic(std::string_view text, const Words& words) {
  thread_local Words outside;
  const std::string prose = without_verbatim(text);
  if (!prose.empty()) segment(prose, Segmentation::kUnicode, outside);
  const Words& counted = prose.empty() ? words : outside;
  int64_t alphabetic = 0;
  for (const Word& word : counted.words) alphabetic += word.has_letter;
  return ratio(static_cast<double>(alphabetic),
               static_cast<double>(counted.words.size()) + static_cast<double>(counted.symbol_words));
}

}  // namespace

bool is_spaced_language(std::string_view language) {
  static constexpr std::array<std::string_view, 7> kUnspaced = {"ja", "zh", "zh-Hant", "th",
                                                                "lo", "km", "my"};
  return std::find(kUnspaced.begin(), kUnspaced.end(), language) == kUnspaced.end();
}

Signals measure_text(std::string_view text, const Words& words, std::string_view language) {
  const Counts counts = count_characters_by_kind(text);
  const LineCounts lines = count_lines(text);
  int64_t word_characters = 0;
  for (const Word& word : words.words) word_characters += word.characters;
  const auto word_count = static_cast<double>(words.words.size());
  const auto line_count = static_cast<double>(lines.lines);
  const auto ink = static_cast<double>(counts.characters - counts.spaces);

  Signals signals;
  signals.characters = static_cast<double>(counts.characters);
  signals.replacement_characters = ratio(static_cast<double>(counts.replacements), signals.characters);
  signals.alphanumeric = ratio(static_cast<double>(counts.alphanumeric), ink);
  signals.ascii = ratio(static_cast<double>(counts.ascii), ink);
  signals.longest_line = static_cast<double>(lines.longest);
  signals.mean_line = ratio(static_cast<double>(lines.characters), line_count);
  signals.hash_marks = ratio(static_cast<double>(counts.hash_marks), word_count);
  signals.ellipses = ratio(static_cast<double>(counts.ellipses), word_count);
  signals.bullet_lines = ratio(static_cast<double>(lines.bullets), line_count);
  signals.ellipsis_lines = ratio(static_cast<double>(lines.ellipses), line_count);
  signals.words = word_count;
  signals.mean_word_length = ratio(static_cast<double>(word_characters), word_count);
  signals.alphabetic_words = measure_alphabetic(text, words);
  signals.stop_words = count_stop_words(words, language);
  return signals;
}

}  // namespace aurora::corpus
