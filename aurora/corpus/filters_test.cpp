#include "aurora/corpus/filters.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <string>

#include "aurora/base/error.h"
#include "aurora/base/file.h"
#include "aurora/corpus/clean.h"
#include "aurora/corpus/verbatim.h"

namespace aurora::corpus {
namespace {

std::string broken(Profile profile, std::string_view language, std::string_view text) {
  Words words;
  segment(text, Segmentation::kUnicode, words);
  const Rule* rule = find_broken_rule(profile, language, text, words);
  return rule == nullptr ? "" : rule->name;
}

std::string prose(std::string_view text, std::string_view language = "en") {
  return broken(Profile::kProse, language, text);
}

std::string times(int count, std::string_view text) {
  std::string out;
  for (int i = 0; i < count; ++i) out += text;
  return out;
}

// `count` different words of six letters.
std::string different_words(int count, int first = 0, std::string_view separator = " ") {
  std::string out;
  for (int i = first; i < first + count; ++i) {
    out += fmt::format("{}{}{}aba{}", static_cast<char>('a' + i % 26), static_cast<char>('a' + i / 26 % 26),
                       static_cast<char>('a' + i / 676), separator);
  }
  return out;
}

std::string table_row(const Rule& rule) {
  static const char* const kTongueNames[] = {"any", "spaced", "unspaced", "stop-listed"};
  std::string profiles;
  for (int i = 0; i < 4; ++i) {
    if ((rule.profiles >> i & 1) == 0) continue;
    profiles += (profiles.empty() ? "" : " ") + std::string(profile_name(static_cast<Profile>(i)));
  }
  return fmt::format("| `{}` | {} | {} | `{}` | {} {} |\n", rule.name, profiles,
                     kTongueNames[static_cast<int>(rule.tongues)], rule.signal_name,
                     rule.bound == Bound::kAtLeast ? "≥" : "≤", rule.threshold);
}

TEST(Filters, DocumentationShowsTheTable) {
  const std::string page = read_file("docs/formats/filters.md");
  std::string table;
  for (const Rule& rule : filter_rules()) table += table_row(rule);
  EXPECT_NE(page.find("| --- | --- | --- | --- | --- |\n" + table + "\n"), std::string::npos)
      << "the table in docs/formats/filters.md must read\n"
      << table;
}

TEST(Filters, ProseThresholdsAreGophersPublishedOnes) {
  const auto threshold = [](std::string_view name) {
    for (const Rule& rule : filter_rules()) {
      if (name == rule.name && rule.applies(Profile::kProse, "en")) return rule.threshold;
    }
    return -1.0;
  };
  EXPECT_EQ(threshold("too_few_words"), 50);
  EXPECT_EQ(threshold("too_many_words"), 100'000);
  EXPECT_EQ(threshold("short_words"), 3);
  EXPECT_EQ(threshold("long_words"), 10);
  EXPECT_EQ(threshold("many_hash_marks"), 0.1);
  EXPECT_EQ(threshold("many_ellipses"), 0.1);
  EXPECT_EQ(threshold("mostly_bullets"), 0.9);
  EXPECT_EQ(threshold("many_ellipsis_lines"), 0.3);
  EXPECT_EQ(threshold("few_alphabetic_words"), 0.8);
  EXPECT_EQ(threshold("few_stop_words"), 2);
  EXPECT_EQ(threshold("duplicate_lines"), 0.30);
  EXPECT_EQ(threshold("duplicate_paragraphs"), 0.30);
  EXPECT_EQ(threshold("duplicate_line_characters"), 0.20);
  EXPECT_EQ(threshold("duplicate_paragraph_characters"), 0.20);
  EXPECT_EQ(threshold("top_2gram"), 0.20);
  EXPECT_EQ(threshold("top_3gram"), 0.18);
  EXPECT_EQ(threshold("top_4gram"), 0.16);
  EXPECT_EQ(threshold("duplicate_5grams"), 0.15);
  EXPECT_EQ(threshold("duplicate_6grams"), 0.14);
  EXPECT_EQ(threshold("duplicate_7grams"), 0.13);
  EXPECT_EQ(threshold("duplicate_8grams"), 0.12);
  EXPECT_EQ(threshold("duplicate_9grams"), 0.11);
  EXPECT_EQ(threshold("duplicate_10grams"), 0.10);
}

TEST(Filters, WordCountBoundsAreInclusive) {
  EXPECT_EQ(prose("the of " + different_words(47)), "too_few_words");
  EXPECT_EQ(prose("the of " + different_words(48)), "");
  EXPECT_EQ(prose("the of " + times(99'999, "word ")), "too_many_words");
}

TEST(Filters, MeanWordLengthBounds) {
  EXPECT_EQ(prose(times(30, "of an ")), "short_words");
  EXPECT_EQ(prose("the of " + times(60, "incomprehensible ")), "long_words");
}

TEST(Filters, SymbolsPerWord) {
  EXPECT_EQ(prose("the of " + different_words(78) + times(8, "# ")), "");
  EXPECT_EQ(prose("the of " + different_words(78) + times(9, "# ")), "many_hash_marks");
  EXPECT_EQ(prose("the of " + different_words(78) + times(9, "a... ")), "many_ellipses");
}

TEST(Filters, BulletsAndEllipsesAtLines) {
  std::string bullets = "the of and\n";
  for (int i = 0; i < 10; ++i) bullets += "  - " + different_words(6, 6 * i) + "\n";
  EXPECT_EQ(prose(bullets), "mostly_bullets");
  EXPECT_EQ(prose(bullets + "the end of it\n"), "");
  std::string ellipses;
  for (int i = 0; i < 10; ++i) ellipses += "the of " + different_words(20, 20 * i) + (i < 4 ? "…\n" : ".\n");
  EXPECT_EQ(prose(ellipses), "many_ellipsis_lines");
}

TEST(Filters, WordsNeedLetters) {
  std::string numbers = "the of ";
  for (int i = 0; i < 20; ++i) numbers += fmt::format("{} ", 1000 + i);
  EXPECT_EQ(prose(numbers + different_words(78)), "");  // 80 of 100
  EXPECT_EQ(prose(numbers + "12345 " + different_words(78)), "few_alphabetic_words");
  EXPECT_EQ(prose(numbers + "= " + different_words(78)), "few_alphabetic_words") << "symbol words count";
}

TEST(Filters, CodeAndFormulasAmongProseAreNotAskedForLetters) {
  const std::string words = "the of " + different_words(60);
  EXPECT_EQ(prose(words + "\n1 + 2 = 3, 4 + 5 = 6, 7 * 8 = 56, 9 - 0 = 9, 1 / 7 = 0.14286\n"),
            "few_alphabetic_words");
  EXPECT_EQ(prose(words + "\n```\n1 + 2 = 3, 4 + 5 = 6, 7 * 8 = 56, 9 - 0 = 9, 1 / 7 = 0.14286\n```\n"), "");
  EXPECT_EQ(prose(words + "\\[ 1 + 2 = 3, 4 + 5 = 6, 7 * 8 = 56, 9 - 0 = 9, 1 / 7 = 0.14286 \\]"), "");
}

TEST(Verbatim, IsCodeBetweenFencesAndFormulas) {
  EXPECT_EQ(without_verbatim("plain text"), "");
  EXPECT_EQ(without_verbatim("a\n```py\nx = 1\n```\nb"), "a\n \nb");
  EXPECT_EQ(without_verbatim("a `x` and $HOME or $PATH or 3 $ or \\x"), "");
  EXPECT_EQ(without_verbatim("a $x^2$, \\(y\\), $$z$$ and \\[\nw\n\\] b"), "a  ,  ,   and   b");
  EXPECT_EQ(without_verbatim("```\nnever closed"), "");
  EXPECT_EQ(without_verbatim("it costs $5 and $6"), "");
}

TEST(Verbatim, HostileTextTakesLinearTime) {
  EXPECT_EQ(without_verbatim(times(200'000, "\\[")), "");
  EXPECT_EQ(without_verbatim("x" + times(200'000, "$x ")), "");
  EXPECT_EQ(without_verbatim("```\n" + times(200'000, "x ```")), "");
}

TEST(Filters, StopWordsByLanguage) {
  EXPECT_EQ(prose("the " + different_words(60)), "few_stop_words");
  EXPECT_EQ(prose("le des " + different_words(60), "en"), "few_stop_words");
  EXPECT_EQ(prose("le des " + different_words(60), "fr"), "");
  EXPECT_EQ(prose("der und " + different_words(60), "de"), "");
  EXPECT_EQ(prose("el los " + different_words(60), "es"), "");
  EXPECT_EQ(prose(different_words(60), "pl"), "") << "no list, no rule";
}

TEST(Filters, JapaneseIsMeasuredInCharacters) {
  const std::string text =
      "気体を圧縮すると仕事が加えられるため、その温度は上がります。熱が逃げなければ、その仕事はすべて内部エネ"
      "ルギーになります。"
      "逆に、膨張する気体は周りに仕事をして冷えます。冷蔵庫やエンジンはこの関係を利用しており、どちらも十九世"
      "紀に理解されました。";
  EXPECT_EQ(prose(text, "ja"), "");
  EXPECT_EQ(prose(std::string_view(text).substr(0, 300), "ja"), "too_few_characters_unspaced");
  EXPECT_EQ(prose(times(60, "科学技術"), "ja"), "few_stop_words");
  EXPECT_EQ(prose(text + text, "ja"), "duplicate_10grams_unspaced");
}

TEST(Filters, RepetitionOfLinesAndParagraphs) {
  std::string lines;
  for (int i = 0; i < 6; ++i) lines += "the of " + different_words(20, 20 * i) + "\n";
  EXPECT_EQ(prose(lines), "");
  EXPECT_EQ(prose(lines + "x\nx\nx\nx\nx\n"), "duplicate_lines");  // 4 of 11
  EXPECT_EQ(prose(lines + lines), "duplicate_lines");
  std::string twice = lines;
  twice += "the of " + different_words(20, 0) + "\n" + "the of " + different_words(20, 20);  // 2 of 8 lines
  EXPECT_EQ(prose(twice), "duplicate_line_characters");
}

TEST(Filters, FencesAndLinesOfCodeAreNoRepetition) {
  std::string text;
  for (int i = 0; i < 6; ++i) text += "the of " + different_words(20, 20 * i) + "\n```\n}\n```\n";
  EXPECT_EQ(prose(text), "");
}

TEST(Filters, RepetitionOfNgrams) {
  // 20 times one pair of words among different ones.
  std::string pairs = "the of ";
  for (int i = 0; i < 20; ++i) pairs += "quantum mechanics " + different_words(6, 6 * i);
  EXPECT_EQ(prose(pairs), "top_2gram");
  // One 10-gram twice: more than a tenth of the text.
  const std::string ten = different_words(10, 500);
  EXPECT_EQ(prose("the of " + ten + different_words(40) + ten + different_words(10, 100)),
            "duplicate_10grams");
  EXPECT_EQ(prose("the of " + ten + different_words(80) + ten + different_words(80, 100)), "");
}

TEST(Filters, OtherProfilesKeepWhatProseThrowsAway) {
  const std::string proof = "|- ( ( ph -> ps ) -> ( ( ps -> ch ) -> ( ph -> ch ) ) ) $= ( wi a1i a2d ) $.\n";
  EXPECT_NE(prose(proof, "none"), "");
  EXPECT_EQ(broken(Profile::kFormal, "none", proof), "");
  const std::string dna = ">chr1\n" + times(10, "ACGTTTGACCAGTACGATTACAGGATCC\n");
  EXPECT_NE(prose(dna, "none"), "");
  EXPECT_EQ(broken(Profile::kSequence, "none", dna), "");
  const std::string code = "int f(int x) {\n  return x + 1;  // next\n}\n\nint g() { return f(2); }\n";
  EXPECT_NE(prose(code, "none"), "");
  EXPECT_EQ(broken(Profile::kCode, "none", code), "");
}

TEST(Filters, OtherProfilesHaveBoundsOfTheirOwn) {
  EXPECT_EQ(broken(Profile::kFormal, "none", "$a wff ph $."), "too_short");
  EXPECT_EQ(broken(Profile::kCode, "none", times(1'001, "x")), "long_line");
  EXPECT_EQ(broken(Profile::kCode, "none", times(4, times(101, "x") + "\n")), "long_mean_line");
  EXPECT_EQ(broken(Profile::kCode, "none", times(20, "x ()(){};\n")), "few_alphanumerics");
  EXPECT_EQ(broken(Profile::kSequence, "none", times(30, "A--- ")), "few_sequence_characters");
  EXPECT_EQ(broken(Profile::kSequence, "none", times(30, "配列")), "foreign_sequence_characters");
  EXPECT_EQ(broken(Profile::kFormal, "none", times(30, "ab\xEF\xBF\xBD")), "broken_encoding");
}

TEST(Filters, NamesRoundTripAndUnknownOnesAreRefused) {
  for (const Profile profile : {Profile::kProse, Profile::kCode, Profile::kFormal, Profile::kSequence}) {
    EXPECT_EQ(profile_from_name(profile_name(profile)), profile);
  }
  EXPECT_THROW(profile_from_name("poetry"), UsageError);
}

TEST(Signals, AreWhatTheirDefinitionsSay) {
  const std::string text = "One two, two... #3\n\n- vier =\n* é…";
  Words words;
  segment(text, Segmentation::kUnicode, words);
  const Signals signals = measure_text(text, words, "en");
  EXPECT_EQ(signals.characters, 33);
  EXPECT_EQ(signals.words, 6);                                // One two two 3 vier é
  EXPECT_DOUBLE_EQ(signals.mean_word_length, 15.0 / 6);       // 3 + 3 + 3 + 1 + 4 + 1
  EXPECT_DOUBLE_EQ(signals.hash_marks, 1.0 / 6);              //
  EXPECT_DOUBLE_EQ(signals.ellipses, 2.0 / 6);                // ... and …
  EXPECT_DOUBLE_EQ(signals.bullet_lines, 2.0 / 3);            //
  EXPECT_DOUBLE_EQ(signals.ellipsis_lines, 1.0 / 3);          // the last
  EXPECT_DOUBLE_EQ(signals.alphabetic_words, 5.0 / (6 + 3));  // symbol words: - = *
  EXPECT_EQ(signals.longest_line, 18);
  EXPECT_DOUBLE_EQ(signals.mean_line, (18 + 8 + 4) / 3.0);
  EXPECT_DOUBLE_EQ(signals.alphanumeric, 15.0 / 24);
  EXPECT_DOUBLE_EQ(signals.ascii, 22.0 / 24);  // but for é and …
  EXPECT_EQ(signals.stop_words, 0);
}

TEST(Signals, RepetitionIsWhatItsDefinitionSays) {
  const std::string text = "aa bb cc\n\naa bb cc\naa bb";  // 24 characters
  Words words;
  segment(text, Segmentation::kUnicode, words);
  Signals signals = measure_text(text, words, "en");
  ASSERT_EQ(signals.characters, 24);
  measure_repetition(text, words, true, signals);
  EXPECT_DOUBLE_EQ(signals.duplicate_lines, 1.0 / 3);
  EXPECT_DOUBLE_EQ(signals.duplicate_line_characters, 8.0 / 24);
  EXPECT_EQ(signals.duplicate_paragraphs, 0);
  EXPECT_DOUBLE_EQ(signals.top_ngram[2], 3 * 5.0 / 24);  // "aa bb" three times
  EXPECT_DOUBLE_EQ(signals.top_ngram[3], 2 * 8.0 / 24);  // "aa bb cc", first of three that occur twice
  EXPECT_DOUBLE_EQ(signals.top_ngram[4], 2 * 11.0 / 24);
  EXPECT_DOUBLE_EQ(signals.duplicate_ngrams[5], 10.0 / 24);  // "aa bb cc aa bb" once more, words only
  EXPECT_EQ(signals.duplicate_ngrams[6], 0);
}

}  // namespace
}  // namespace aurora::corpus
