#include "aurora/base/utf8.h"

#include <gtest/gtest.h>

namespace aurora {
namespace {

TEST(Utf8, EveryCodePointRoundTrips) {
  for (uint32_t code_point = 0; code_point <= 0x10FFFF; ++code_point) {
    if (code_point >= 0xD800 && code_point <= 0xDFFF) continue;
    std::string text;
    append_utf8(text, code_point);
    const Decoded decoded = decode_utf8(text, 0);
    ASSERT_TRUE(decoded.valid) << code_point;
    ASSERT_EQ(decoded.code_point, code_point);
    ASSERT_EQ(decoded.bytes, text.size());
  }
}

TEST(Utf8, WhatIsNoCharacterIsWrittenAsReplacement) {
  std::string text;
  append_utf8(text, 0xD800);
  append_utf8(text, 0x110000);
  EXPECT_EQ(text, "\xEF\xBF\xBD\xEF\xBF\xBD");
}

TEST(Utf8, InvalidFormsAreRefused) {
  const char* forms[] = {
      "\x80",              // stray
      "\xC0\xAF",          // overlong, two bytes
      "\xC1\xBF",          //
      "\xE0\x9F\xBF",      // overlong, three
      "\xF0\x8F\xBF\xBF",  // overlong, four
      "\xED\xA0\x80",      // surrogate
      "\xF4\x90\x80\x80",  // above U+10FFFF
      "\xF5\x80\x80\x80",  //
      "\xE3\x81",          // cut short
      "\xC3(",             // wrong second byte
      "\xFF",
  };
  for (const char* form : forms) {
    EXPECT_FALSE(is_valid_utf8(form));
    EXPECT_FALSE(is_valid_utf8(std::string("ok") + form));
    const Decoded decoded = decode_utf8(form, 0);
    EXPECT_FALSE(decoded.valid);
    EXPECT_EQ(decoded.bytes, 1u);
    EXPECT_EQ(decoded.code_point, 0xFFFDu);
  }
  EXPECT_TRUE(is_valid_utf8(""));
  EXPECT_TRUE(is_valid_utf8("a\xC3\xA9\xE3\x81\x82\xF0\x9F\x98\x80"));
}

// The examples of the Unicode standard, table 3-8 and its neighbours.
TEST(Utf8, RepairReplacesMaximalParts) {
  const std::string r = "\xEF\xBF\xBD";
  size_t replaced = 0;
  EXPECT_EQ(repair_utf8("\x61\xF1\x80\x80\xE1\x80\xC2\x62\x80\x63\x80\xBF\x64", &replaced),
            "a" + r + r + r + "b" + r + "c" + r + r + "d");
  EXPECT_EQ(replaced, 6u);
  EXPECT_EQ(repair_utf8("\xC0\xAF\xE0\x80\xBF\xF0\x81\x82\x41"), r + r + r + r + r + r + r + r + "A");
  EXPECT_EQ(repair_utf8("\xED\xA0\x80\x41"), r + r + r + "A");
  EXPECT_EQ(repair_utf8("caf\xC3\xA9"), "caf\xC3\xA9");
  EXPECT_EQ(repair_utf8("cut\xE3\x81"), "cut" + r);
}

TEST(Utf8, RepairMakesAnyBytesValid) {
  std::string bytes;
  for (int a = 0; a < 256; ++a) {
    for (int b = 0; b < 256; b += 7) bytes += {static_cast<char>(b), static_cast<char>(a)};
  }
  EXPECT_TRUE(is_valid_utf8(repair_utf8(bytes)));
}

TEST(Utf8, FindsTheUnfinishedTail) {
  const std::string grin = "x\xF0\x9F\x98\x80";
  EXPECT_EQ(incomplete_utf8_tail(grin), 0u);
  EXPECT_EQ(incomplete_utf8_tail(grin.substr(0, 4)), 3u);
  EXPECT_EQ(incomplete_utf8_tail(grin.substr(0, 3)), 2u);
  EXPECT_EQ(incomplete_utf8_tail(grin.substr(0, 2)), 1u);
  EXPECT_EQ(incomplete_utf8_tail(""), 0u);
  EXPECT_EQ(incomplete_utf8_tail("\x80\x80\x80\x80"), 0u);
  EXPECT_EQ(incomplete_utf8_tail("\xED\xA0"), 0u);  // a surrogate stays wrong whatever follows
}

}  // namespace
}  // namespace aurora
