#include "aurora/corpus/signals.h"

#include <unicode/uchar.h>

#include <algorithm>
#include <array>

#include "aurora/base/utf8.h"
#include "aurora/corpus/characters.h"
#include "aurora/corpus/stop_words.h"

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

bool is_alphanumeric(uint32_t c) {
  if (c < 0x80) return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z');
  return u_isalnum(static_cast<UChar32>(c)) != 0;
}

// Occurrences that do not overlap.
int64_t count_of(std::string_view text, std::string_view part) {
  int64_t count = 0;
  for (size_t at = text.find(part); at != text.npos; at = text.find(part, at + part.size())) ++count;
  return count;
}

// ASCII bytes fall into classes by table, so that the common case is one look-up and a few additions.
enum AsciiClass : uint8_t { kSymbol, kAlphanumeric, kSpace };

constexpr std::array<AsciiClass, 128> make_ascii_classes() {
  std::array<AsciiClass, 128> classes{};
  for (uint32_t c = 0; c < 128; ++c) {
    const bool letter = (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
    classes[c] = is_space(c) ? kSpace : letter || (c >= '0' && c <= '9') ? kAlphanumeric : kSymbol;
  }
  return classes;
}

Counts count_characters_by_kind(std::string_view text) {
  static constexpr std::array<AsciiClass, 128> kClasses = make_ascii_classes();
  std::array<int64_t, 3> ascii{};
  Counts counts;
  for (size_t at = 0; at < text.size();) {
    const auto byte = static_cast<unsigned char>(text[at]);
    if (byte < 0x80) {
      ++ascii[kClasses[byte]];
      counts.hash_marks += byte == '#';
      ++at;
      continue;
    }
    const Decoded decoded = decode_utf8(text, at);
    ++counts.characters;
    counts.spaces += is_space(decoded.code_point);
    counts.replacements += decoded.code_point == 0xFFFD;
    counts.alphanumeric += is_alphanumeric(decoded.code_point);
    at += decoded.bytes;
  }
  counts.characters += ascii[kSymbol] + ascii[kAlphanumeric] + ascii[kSpace];
  counts.spaces += ascii[kSpace];
  counts.alphanumeric += ascii[kAlphanumeric];
  counts.ascii = ascii[kSymbol] + ascii[kAlphanumeric];
  counts.ellipses = count_of(text, "...") + count_of(text, kEllipsis);
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

bool is_spaced_language(std::string_view language) {
  static constexpr std::array<std::string_view, 7> kUnspaced = {"ja", "zh", "zh-Hant", "th",
                                                                "lo", "km", "my"};
  return std::find(kUnspaced.begin(), kUnspaced.end(), language) == kUnspaced.end();
}

Signals measure_text(std::string_view text, const Words& words, std::string_view language) {
  const Counts counts = count_characters_by_kind(text);
  const LineCounts lines = count_lines(text);
  int64_t word_characters = 0;
  int64_t alphabetic = 0;
  for (const Word& word : words.words) {
    word_characters += word.characters;
    alphabetic += word.has_letter;
  }
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
  signals.alphabetic_words =
      ratio(static_cast<double>(alphabetic), word_count + static_cast<double>(words.symbol_words));
  signals.stop_words = count_stop_words(words, language);
  return signals;
}

}  // namespace aurora::corpus
