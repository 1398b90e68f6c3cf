#include "aurora/corpus/filters.h"

#include <fmt/format.h>

#include <array>

#include "aurora/base/error.h"
#include "aurora/corpus/stop_words.h"

namespace aurora::corpus {
namespace {

constexpr std::array<const char*, 4> kProfileNames = {"prose", "code", "formal", "sequence"};

constexpr uint8_t bit(Profile profile) {
  return static_cast<uint8_t>(1 << static_cast<int>(profile));
}
constexpr uint8_t kProse = bit(Profile::kProse);
constexpr uint8_t kCode = bit(Profile::kCode);
constexpr uint8_t kFormal = bit(Profile::kFormal);
constexpr uint8_t kSequence = bit(Profile::kSequence);
constexpr uint8_t kEvery = kProse | kCode | kFormal | kSequence;

using enum Tongues;
using enum Bound;

// One signal's getter, and its name.
struct Signal {
  double (*get)(const Signals&);
  const char* name;
};

constexpr Signal kCharacters = {[](const Signals& s) { return s.characters; }, "characters"};
constexpr Signal kReplacements = {[](const Signals& s) { return s.replacement_characters; },
                                  "replacement_characters"};
constexpr Signal kAlphanumeric = {[](const Signals& s) { return s.alphanumeric; }, "alphanumeric"};
constexpr Signal kAscii = {[](const Signals& s) { return s.ascii; }, "ascii"};
constexpr Signal kLongestLine = {[](const Signals& s) { return s.longest_line; }, "longest_line"};
constexpr Signal kMeanLine = {[](const Signals& s) { return s.mean_line; }, "mean_line"};
constexpr Signal kHashMarks = {[](const Signals& s) { return s.hash_marks; }, "hash_marks"};
constexpr Signal kEllipses = {[](const Signals& s) { return s.ellipses; }, "ellipses"};
constexpr Signal kBulletLines = {[](const Signals& s) { return s.bullet_lines; }, "bullet_lines"};
constexpr Signal kEllipsisLines = {[](const Signals& s) { return s.ellipsis_lines; }, "ellipsis_lines"};
constexpr Signal kWords = {[](const Signals& s) { return s.words; }, "words"};
constexpr Signal kMeanWord = {[](const Signals& s) { return s.mean_word_length; }, "mean_word_length"};
constexpr Signal kAlphabetic = {[](const Signals& s) { return s.alphabetic_words; }, "alphabetic_words"};
constexpr Signal kStopWords = {[](const Signals& s) { return s.stop_words; }, "stop_words"};
constexpr Signal kDuplicateLines = {[](const Signals& s) { return s.duplicate_lines; }, "duplicate_lines"};
constexpr Signal kDuplicateParagraphs = {[](const Signals& s) { return s.duplicate_paragraphs; },
                                         "duplicate_paragraphs"};
constexpr Signal kDuplicateLineCharacters = {[](const Signals& s) { return s.duplicate_line_characters; },
                                             "duplicate_line_characters"};
constexpr Signal kDuplicateParagraphCharacters = {
    [](const Signals& s) { return s.duplicate_paragraph_characters; }, "duplicate_paragraph_characters"};

constexpr const char* kTopNames[] = {"", "", "top_ngram[2]", "top_ngram[3]", "top_ngram[4]"};
constexpr const char* kRepeatedNames[] = {"",
                                          "",
                                          "",
                                          "",
                                          "",
                                          "duplicate_ngrams[5]",
                                          "duplicate_ngrams[6]",
                                          "duplicate_ngrams[7]",
                                          "duplicate_ngrams[8]",
                                          "duplicate_ngrams[9]",
                                          "duplicate_ngrams[10]"};
template <int n>
constexpr Signal kTop = {[](const Signals& s) { return s.top_ngram[n]; }, kTopNames[n]};
template <int n>
constexpr Signal kRepeated = {[](const Signals& s) { return s.duplicate_ngrams[n]; }, kRepeatedNames[n]};

constexpr Rule rule(const char* name, uint8_t profiles, Tongues tongues, Signal signal, Bound bound,
                    double threshold) {
  return {name, profiles, tongues, signal.get, signal.name, bound, threshold, false};
}
constexpr Rule repetition(const char* name, Tongues tongues, Signal signal, double threshold) {
  return {name, kProse, tongues, signal.get, signal.name, kAtMost, threshold, true};
}

constexpr Rule kRules[] = {
    // Ours: a text that was not decoded right is no text, whatever its profile.
    rule("broken_encoding", kEvery, kAny, kReplacements, kAtMost, 0.01),

    // Gopher's quality rules.
    rule("too_few_words", kProse, kSpaced, kWords, kAtLeast, 50),
    rule("too_many_words", kProse, kSpaced, kWords, kAtMost, 100'000),
    rule("short_words", kProse, kSpaced, kMeanWord, kAtLeast, 3),
    rule("long_words", kProse, kSpaced, kMeanWord, kAtMost, 10),
    rule("many_hash_marks", kProse, kAny, kHashMarks, kAtMost, 0.1),
    rule("many_ellipses", kProse, kAny, kEllipses, kAtMost, 0.1),
    rule("mostly_bullets", kProse, kAny, kBulletLines, kAtMost, 0.9),
    rule("many_ellipsis_lines", kProse, kAny, kEllipsisLines, kAtMost, 0.3),
    rule("few_alphabetic_words", kProse, kAny, kAlphabetic, kAtLeast, 0.8),
    rule("few_stop_words", kProse, kStopListed, kStopWords, kAtLeast, 2),

    // Ours: the same questions where words are found by dictionary, so that characters measure length better.
    rule("too_few_characters_unspaced", kProse, kUnspaced, kCharacters, kAtLeast, 120),
    rule("too_many_characters_unspaced", kProse, kUnspaced, kCharacters, kAtMost, 250'000),
    rule("short_words_unspaced", kProse, kUnspaced, kMeanWord, kAtLeast, 1.2),
    rule("long_words_unspaced", kProse, kUnspaced, kMeanWord, kAtMost, 6),

    // Ours: code, formal text and sequences.
    rule("too_short", kCode | kFormal | kSequence, kAny, kCharacters, kAtLeast, 40),
    rule("long_line", kCode, kAny, kLongestLine, kAtMost, 1'000),
    rule("long_mean_line", kCode, kAny, kMeanLine, kAtMost, 100),
    rule("few_alphanumerics", kCode, kAny, kAlphanumeric, kAtLeast, 0.25),
    rule("few_sequence_characters", kSequence, kAny, kAlphanumeric, kAtLeast, 0.5),
    rule("foreign_sequence_characters", kSequence, kAny, kAscii, kAtLeast, 0.95),

    // Gopher's repetition rules.
    repetition("duplicate_lines", kAny, kDuplicateLines, 0.30),
    repetition("duplicate_paragraphs", kAny, kDuplicateParagraphs, 0.30),
    repetition("duplicate_line_characters", kAny, kDuplicateLineCharacters, 0.20),
    repetition("duplicate_paragraph_characters", kAny, kDuplicateParagraphCharacters, 0.20),
    repetition("top_2gram", kSpaced, kTop<2>, 0.20),
    repetition("top_3gram", kSpaced, kTop<3>, 0.18),
    repetition("top_4gram", kSpaced, kTop<4>, 0.16),
    repetition("duplicate_5grams", kSpaced, kRepeated<5>, 0.15),
    repetition("duplicate_6grams", kSpaced, kRepeated<6>, 0.14),
    repetition("duplicate_7grams", kSpaced, kRepeated<7>, 0.13),
    repetition("duplicate_8grams", kSpaced, kRepeated<8>, 0.12),
    repetition("duplicate_9grams", kSpaced, kRepeated<9>, 0.11),
    repetition("duplicate_10grams", kSpaced, kRepeated<10>, 0.10),

    // Ours: ten words found by dictionary say as much as five that stand between spaces.
    repetition("top_4gram_unspaced", kUnspaced, kTop<4>, 0.20),
    repetition("duplicate_10grams_unspaced", kUnspaced, kRepeated<10>, 0.15),
};

bool holds_for(Tongues tongues, std::string_view language) {
  switch (tongues) {
    case kAny:
      return true;
    case kSpaced:
      return is_spaced_language(language);
    case kUnspaced:
      return !is_spaced_language(language);
    case kStopListed:
      return has_stop_words(language);
  }
  return false;
}

}  // namespace

Profile profile_from_name(std::string_view name) {
  for (size_t i = 0; i < kProfileNames.size(); ++i) {
    if (name == kProfileNames[i]) return static_cast<Profile>(i);
  }
  throw UsageError(fmt::format("unknown profile \"{}\"", name), "corpus.profile",
                   "use prose, code, formal or sequence");
}

const char* profile_name(Profile profile) {
  return kProfileNames[static_cast<size_t>(profile)];
}

bool Rule::applies(Profile profile, std::string_view language) const {
  return (profiles & bit(profile)) != 0 && holds_for(tongues, language);
}

std::span<const Rule> filter_rules() {
  return kRules;
}

const Rule* find_broken_rule(Profile profile, std::string_view language, std::string_view text,
                             const Words& words) {
  Signals signals = measure_text(text, words, language);
  bool repetition_measured = false;
  for (const Rule& rule : kRules) {
    if (!rule.applies(profile, language)) continue;
    if (rule.repetition && !repetition_measured) {
      measure_repetition(text, words, is_spaced_language(language), signals);
      repetition_measured = true;
    }
    if (!rule.keeps(signals)) return &rule;
  }
  return nullptr;
}

}  // namespace aurora::corpus
