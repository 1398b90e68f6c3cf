#include "aurora/unicode/normal_forms.h"

#include <gtest/gtest.h>

#include <chrono>

#include "aurora/base/utf8.h"

namespace aurora::unicode {
namespace {

std::string normal(NormalForm form, std::string_view text) {
  std::string out;
  normalize(form, text, out);
  return out;
}

std::string clusters(std::string_view text) {  // with | between
  std::string out;
  for (size_t at = 0; at < text.size();) {
    const size_t end = cluster_end(text, at);
    if (at > 0) out += '|';
    out += text.substr(at, end - at);
    at = end;
  }
  return out;
}

TEST(NormalForms, ALetterAndItsMarkBecomeOneInNfcAndTwoInNfd) {
  EXPECT_EQ(normal(NormalForm::kNfc, "caffe\u0301!"), "caff\u00e9!");
  EXPECT_EQ(normal(NormalForm::kNfd, "caff\u00e9!"), "caffe\u0301!");
}

TEST(NormalForms, CompatibilityFormsUnfoldWhatNfcKeeps) {
  EXPECT_EQ(normal(NormalForm::kNfc, "\ufb01\uff21"), "\ufb01\uff21");
  EXPECT_EQ(normal(NormalForm::kNfkc, "x\ufb01\uff21\u304b\u3099"), "xfiA\u304c");
  EXPECT_EQ(normal(NormalForm::kNfkd, "\u304c"), "\u304b\u3099");
}

TEST(NormalForms, HangulComposesAndDecomposes) {
  EXPECT_EQ(normal(NormalForm::kNfc, "\u1112\u1161\u11ab"), "\ud55c");
  EXPECT_EQ(normal(NormalForm::kNfd, "\ud55c"), "\u1112\u1161\u11ab");
}

TEST(NormalForms, BytesThatAreNoUtf8StayAndDivide) {
  EXPECT_EQ(normal(NormalForm::kNfc, "e\xff\u0301 e\u0301\xc3"), "e\xff\u0301 \u00e9\xc3");
}

TEST(NormalForms, CharactersNewerThanUnicode9StandForThemselves) {
  EXPECT_EQ(normal(NormalForm::kNfkc, "\u32ff"), "\u32ff");  // Unicode 12.1: the era Reiwa
  EXPECT_EQ(normal(NormalForm::kNfkc, "\u337e"), "\u660e\u6cbb");
}

TEST(NormalForms, ChangesSayWhatBecameWhat) {
  std::string out;
  std::vector<Change> changes;
  normalize(NormalForm::kNfkc, "abe\u0301x\uff21\uff22", out, &changes);
  EXPECT_EQ(out, "ab\u00e9xAB");
  ASSERT_EQ(changes.size(), 3u);
  EXPECT_EQ(changes[0].begin, 2u);
  EXPECT_EQ(changes[0].end, 5u);
  EXPECT_EQ(changes[0].size, 2u);
  EXPECT_EQ(changes[1].begin, 6u);
  EXPECT_EQ(changes[2].begin, 9u);
  EXPECT_EQ(changes[2].size, 1u);
}

TEST(NormalForms, WholeAndInPartsAgree) {
  const std::vector<uint32_t> some = {'a',    0x301,  0x316,  0xe9,   0x1112, 0x1161, 0x11ab,  0xd55c,
                                      0xff21, 0x304b, 0x3099, 0xfb01, 0xf73,  0xff,   0x1f600, 0x344};
  uint64_t random = 1;
  for (int round = 0; round < 2000; ++round) {
    std::string text;
    for (int i = 0; i < 12; ++i) {
      random = random * 6364136223846793005u + 1442695040888963407u;
      const uint32_t c = some[random >> 40 & 15];
      if (c == 0xff) {
        text += '\xff';
      } else {
        append_utf8(text, c);
      }
    }
    for (const NormalForm form : {NormalForm::kNfc, NormalForm::kNfd, NormalForm::kNfkc, NormalForm::kNfkd}) {
      std::string parts;
      std::vector<Change> changes;
      normalize(form, text, parts, &changes);
      const std::string whole = normal(form, text);
      ASSERT_EQ(parts, whole);
      ASSERT_EQ(normal(form, whole), whole);
      ASSERT_TRUE(!surely_normal(form, text) || whole == text);
    }
  }
}

TEST(NormalForms, MarksInTurnAreSortedInLittleTime) {
  std::string text = "a";
  for (int i = 0; i < 200000; ++i) text += i % 2 ? "\u0316" : "\u0301";
  const auto begin = std::chrono::steady_clock::now();
  const std::string out = normal(NormalForm::kNfc, text);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(5));
  EXPECT_EQ(out.substr(0, 6), "\u00e1\u0316\u0316");
  EXPECT_EQ(out.size(), text.size() - 1);
}

TEST(Clusters, MarksJoinersFlagsAndLineEndsStayTogether) {
  EXPECT_EQ(clusters("ae\u0301b"), "a|e\u0301|b");
  EXPECT_EQ(clusters("\r\n\n\r"), "\r\n|\n|\r");
  EXPECT_EQ(clusters("\U0001F1E9\U0001F1EA\U0001F1EB\U0001F1F7x"),
            "\U0001F1E9\U0001F1EA|\U0001F1EB\U0001F1F7|x");
  EXPECT_EQ(clusters("\U0001F468\u200d\U0001F469z"), "\U0001F468\u200d\U0001F469|z");
  EXPECT_EQ(clusters("\u1112\u1161\u11ab\u1112"), "\u1112\u1161\u11ab|\u1112");
  EXPECT_EQ(clusters("a\xff\u0301"), "a|\xff|\u0301");
}

TEST(Properties, WordCharactersAndLowerCase) {
  EXPECT_TRUE(is_word_character('_'));
  EXPECT_TRUE(is_word_character(0x3042));
  EXPECT_TRUE(is_word_character(0x301));
  EXPECT_TRUE(is_word_character(0x13496));  // Unicode 16.0
  EXPECT_FALSE(is_word_character('-'));
  std::string out;
  append_lowercase(out, 'A');
  append_lowercase(out, 0x130);
  append_lowercase(out, 0x3a3);
  EXPECT_EQ(out, "ai\u0307\u03c3");
}

}  // namespace
}  // namespace aurora::unicode
