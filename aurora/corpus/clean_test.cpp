#include "aurora/corpus/clean.h"

#include <gtest/gtest.h>

#include <array>
#include <string>

#include "aurora/base/random.h"
#include "aurora/base/utf8.h"

namespace aurora::corpus {
namespace {

std::string cleaned(std::string_view text) {
  return clean(text).text;
}

TEST(Clean, LeavesTidyTextAlone) {
  for (const std::string text :
       {"", "a", "Line one\n\nLine two\n  indented\tx", "Æsir, naïve, Straße, 時間、科学。",
        "x ∈ ℝ, 3 × 4 ÷ 2, “quoted” – dash … 10 °C", "«CAFÉ» et «THÉ»"}) {
    const Cleaned result = clean(text);
    EXPECT_EQ(result.text, text);
    EXPECT_EQ(result.replaced, 0);
    EXPECT_FALSE(result.mojibake);
  }
}

TEST(Clean, UnifiesLineEnds) {
  EXPECT_EQ(cleaned("a\r\nb\rc\nd"), "a\nb\nc\nd");
  EXPECT_EQ(cleaned("a\fb\vc\xC2\x85"
                    "d\xE2\x80\xA8"
                    "e\xE2\x80\xA9"
                    "f"),
            "a\nb\nc\nd\ne\n\nf");
}

TEST(Clean, TrimsLinesAndKeepsOneBlankLine) {
  EXPECT_EQ(cleaned("\n \n  a  \t\n\n \n\n\n b\xC2\xA0\xE3\x80\x80\n\n"), "  a\n\n b");
}

TEST(Clean, RemovesInvisibleCharacters) {
  EXPECT_EQ(cleaned("\xEF\xBB\xBF"
                    "a\xE2\x80\x8B"
                    "b\xC2\xAD"
                    "c\xE2\x80\xAE"
                    "d\x01\x7F"
                    "e\xC2\x80"
                    "f\xEF\xBF\xBE"
                    "g\xE2\x81\xA0"),
            "abcdefg");
  EXPECT_EQ(cleaned(std::string_view("a\0b", 3)), "ab");
}

TEST(Clean, KeepsJoinersWhereScriptsNeedThem) {
  const std::string persian = "\xD9\x85\xE2\x80\x8C\xD9\x86";  // with a zero-width non-joiner
  EXPECT_EQ(cleaned(persian), persian);
  EXPECT_EQ(cleaned("a\xE2\x80\x8C\xE2\x80\x8D"
                    "b"),
            "ab");
}

TEST(Clean, ComposesToNfc) {
  EXPECT_EQ(cleaned("e\xCC\x81"), "é");
  EXPECT_EQ(cleaned("\xE3\x81\x8B\xE3\x82\x99"), "が");
  EXPECT_EQ(cleaned("e\xE2\x80\x8B\xCC\x81"), "é");  // a zero-width space in between
}

TEST(Clean, ReplacesInvalidBytes) {
  const Cleaned result = clean(
      "a\xFF"
      "b\xE3\x81");
  EXPECT_EQ(result.text,
            "a\xEF\xBF\xBD"
            "b\xEF\xBF\xBD");
  EXPECT_EQ(result.replaced, 2);
}

TEST(Clean, MendsMojibakeThatIsCertain) {
  EXPECT_EQ(cleaned("dÃ©jÃ  vu"), "dÃ©jÃ  vu") << "one sequence lost its no-break space: not certain";
  EXPECT_EQ(cleaned("dÃ©jÃ\xC2\xA0 vu"), "déjà vu");
  EXPECT_EQ(cleaned("itâ€™s"), "it’s");
  EXPECT_EQ(cleaned("ï»¿Ã¼ber StraÃŸe"), "über Straße");
  EXPECT_EQ(cleaned("æ™‚é–“"), "時間");
  EXPECT_EQ(cleaned("dÃƒÂ©jÃƒÂ¨"), "déjè") << "twice misread";
  EXPECT_TRUE(clean("itâ€™s").mojibake);
}

TEST(Clean, LeavesDoubtfulMojibakeAlone) {
  EXPECT_EQ(cleaned("Ã©"), "Ã©") << "a single pair may be meant";
  EXPECT_EQ(cleaned("Ã©tÃ© et été"), "Ã©tÃ© et été") << "an honest character beside it";
  EXPECT_EQ(cleaned("CAFÉ» THÉ»"), "CAFÉ» THÉ»");
}

// Pieces that interact: bytes of misread UTF-8, combining marks, joiners, line ends, invalid bytes.
std::string random_text(uint64_t seed) {
  static const std::array<std::string_view, 40> pieces = {"a",
                                                          "b c",
                                                          " ",
                                                          "\n",
                                                          "\r",
                                                          "\n\n",
                                                          "\t",
                                                          "e",
                                                          "\xCC\x81",
                                                          "\xCC\x83",
                                                          "A",
                                                          "Ã",
                                                          "©",
                                                          "Â",
                                                          "â€",
                                                          "™",
                                                          "\xE2\x80\x8B",
                                                          "\xE2\x80\x8C",
                                                          "\xE2\x80\x8D",
                                                          "\xEF\xBB\xBF",
                                                          "é",
                                                          "か",
                                                          "\xE3\x82\x99",
                                                          "時",
                                                          "\xFF",
                                                          "\xC3",
                                                          "\xE2\x80",
                                                          "\x01",
                                                          "\xC2\x85",
                                                          "\xC2\xA0",
                                                          "\xE3\x80\x80",
                                                          "\xE1\xBF\xAF",
                                                          "\xCD\xBE",
                                                          "\xE2\x84\xAB",
                                                          "\xE2\x80\xA9",
                                                          "\xF0\x9F\x98\x80",
                                                          "ï»¿",
                                                          "\xD9\x85",
                                                          "\xC2\xAD",
                                                          "Ãƒ"};
  const RandomKey key = random_key(7, Purpose::kTest, {seed});
  std::string text;
  const uint64_t length = random_below(0, key, 12);
  for (uint64_t i = 0; i < length; ++i) text += pieces[random_below(i + 1, key, pieces.size())];
  return text;
}

TEST(Clean, IsIdempotentOnHostileText) {
  for (uint64_t seed = 0; seed < 20000; ++seed) {
    const std::string text = random_text(seed);
    const std::string once = cleaned(text);
    ASSERT_TRUE(is_valid_utf8(once));
    ASSERT_EQ(cleaned(once), once) << "seed " << seed << ": " << text;
  }
}

TEST(Clean, IsIdempotentOnRandomBytes) {
  for (uint64_t seed = 0; seed < 2000; ++seed) {
    const RandomKey key = random_key(8, Purpose::kTest, {seed});
    std::string text;
    for (uint64_t i = 0; i < 40; ++i) text += static_cast<char>(random_below(i, key, 256));
    const std::string once = cleaned(text);
    ASSERT_EQ(cleaned(once), once) << "seed " << seed;
  }
}

}  // namespace
}  // namespace aurora::corpus
