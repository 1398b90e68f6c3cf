#include "aurora/unicode/classes.h"

#include <gtest/gtest.h>

#include <map>
#include <string>

#include "aurora/base/utf8.h"

namespace aurora::unicode {
namespace {

TEST(Classes, OfKnownCharacters) {
  EXPECT_EQ(of('a'), Class::kLower);
  EXPECT_EQ(of('Z'), Class::kUpper);
  EXPECT_EQ(of('_'), Class::kPunctuation);
  EXPECT_EQ(of('+'), Class::kSymbol);
  EXPECT_EQ(of('9'), Class::kDigit);
  EXPECT_EQ(of('\n'), Class::kLineEnd);
  EXPECT_EQ(of('\v'), Class::kSpace);
  EXPECT_EQ(of(0x85), Class::kSpace);     // next line: a space, no line end of the patterns
  EXPECT_EQ(of(0x1c), Class::kOther);     // file separator: no White_Space
  EXPECT_EQ(of(0xb2), Class::kNumber);    // superscript two
  EXPECT_EQ(of(0x0301), Class::kMark);    // combining acute
  EXPECT_EQ(of(0x01c5), Class::kTitle);   // Dž
  EXPECT_EQ(of(0x2167), Class::kNumber);  // Roman numeral eight
  EXPECT_EQ(of(0x200b), Class::kOther);   // zero width space: a format character
  EXPECT_EQ(of(0x3000), Class::kSpace);
  EXPECT_EQ(of(0x3005), Class::kModifier);  // 々
  EXPECT_EQ(of(0x4e00), Class::kLetter);
  EXPECT_EQ(of(0x1f600), Class::kSymbol);
  EXPECT_EQ(of(0x10d50), Class::kUpper);  // Garay capital letter A: new in Unicode 16.0
  EXPECT_EQ(of(0xd800), Class::kOther);
  EXPECT_EQ(of(0x10ffff), Class::kOther);
}

// The numbers of Unicode 16.0's DerivedGeneralCategory.
TEST(Classes, AreAsManyAsInUnicode16) {
  std::map<Class, int> count;
  for (uint32_t c = 0; c < 0x110000; ++c) ++count[of(c)];
  EXPECT_EQ(count[Class::kUpper], 1858);
  EXPECT_EQ(count[Class::kLower], 2258);
  EXPECT_EQ(count[Class::kTitle], 31);
  EXPECT_EQ(count[Class::kModifier], 404);
  EXPECT_EQ(count[Class::kLetter], 136477);
  EXPECT_EQ(count[Class::kMark], 2020 + 468 + 13);
  EXPECT_EQ(count[Class::kDigit], 760);
  EXPECT_EQ(count[Class::kNumber], 236 + 915);
  EXPECT_EQ(count[Class::kPunctuation], 10 + 27 + 79 + 77 + 12 + 10 + 640);
  EXPECT_EQ(count[Class::kSymbol], 950 + 63 + 125 + 7376);
  EXPECT_EQ(count[Class::kSpace] + count[Class::kLineEnd], 25);
}

TEST(Classes, ReadFindsEveryCharacter) {
  for (uint32_t c = 0; c < 0x110000; ++c) {
    if (c >= 0xd800 && c < 0xe000) continue;
    std::string text = "x";
    append_utf8(text, c);
    const Char found = read(text, 1);
    ASSERT_EQ(found.code_point, c);
    ASSERT_EQ(found.bytes, text.size() - 1);
    ASSERT_EQ(found.kind, of(c));
  }
}

TEST(Classes, ReadTakesAnInvalidByteAsOneOther) {
  for (const std::string text :
       {"\xff", "\x80", "\xc0\x80", "\xc3", "\xe3\x81",
        "\xe3\x81"
        "a",
        "\xed\xa0\x80", "\xe0\x80\x80", "\xf0\x9f\x98", "\xf4\x90\x80\x80", "\xc3\xc3"}) {
    const Char found = read(text, 0);
    EXPECT_EQ(found.bytes, 1);
    EXPECT_EQ(found.kind, Class::kOther);
    EXPECT_EQ(found.code_point, 0xfffdu);
  }
}

TEST(Classes, SetsHoldWhatTheyName) {
  EXPECT_TRUE(contains(kLetters, of(0x4e00)));
  EXPECT_FALSE(contains(kLetters, of(0x0301)));
  EXPECT_TRUE(contains(kSpaces, of('\r')));
  EXPECT_TRUE(contains(kNumbers, of(0xbd)));
  EXPECT_EQ(kAllClasses & ~set_of(Class::kLineEnd), set_of(Class::kLineEnd) - 1);
}

}  // namespace
}  // namespace aurora::unicode
