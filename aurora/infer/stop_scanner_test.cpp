#include "aurora/infer/stop_scanner.h"

#include <gtest/gtest.h>

namespace aurora::infer {
namespace {

TEST(StopScanner, WithoutStopsTextGoesStraightThrough) {
  StopScanner scanner({});
  EXPECT_EQ(scanner.push("abc"), "abc");
  EXPECT_EQ(scanner.finish(), "");
}

TEST(StopScanner, HoldsBackWhatMayBecomeAStopString) {
  StopScanner scanner({"END"});
  EXPECT_EQ(scanner.push("an E"), "an ");
  EXPECT_EQ(scanner.push("N"), "");
  EXPECT_EQ(scanner.push("d. E"), "ENd. ");
  EXPECT_EQ(scanner.finish(), "E");
  EXPECT_TRUE(scanner.found().empty());
}

TEST(StopScanner, CutsTheTextBeforeTheStopString) {
  StopScanner scanner({"\n\n", "END"});
  EXPECT_EQ(scanner.push("a\n"), "a");
  EXPECT_EQ(scanner.push("bEN"), "\nb");
  EXPECT_EQ(scanner.push("D and more"), "");
  EXPECT_EQ(scanner.found(), "END");
  EXPECT_EQ(scanner.push("more"), "");
  EXPECT_EQ(scanner.finish(), "");
}

TEST(StopScanner, TheOneThatEndsFirstCountsAndOfTheseTheLongest) {
  StopScanner inner({"abcdef", "cd"});
  EXPECT_EQ(inner.push("abcdef"), "ab");
  EXPECT_EQ(inner.found(), "cd");
  StopScanner both({"cd", "bcd"});
  EXPECT_EQ(both.push("abcd"), "a");
  EXPECT_EQ(both.found(), "bcd");
}

TEST(StopScanner, OverlapsOfAStopStringWithItselfAreFound) {
  StopScanner scanner({"aab"});
  EXPECT_EQ(scanner.push("aaa"), "a");
  EXPECT_EQ(scanner.push("b"), "");
  EXPECT_EQ(scanner.found(), "aab");
}

TEST(StopScanner, PiecesDoNotMatter) {
  const std::string text = "to be or not to be, that is to bee or not";
  for (const std::vector<std::string>& stops :
       {std::vector<std::string>{"bee"}, {"not", "ot t"}, {"zzz", "t"}, {"to be,", "be, th"}}) {
    StopScanner whole(stops);
    const std::string once = whole.push(text) + whole.finish();
    for (size_t piece = 1; piece < 9; ++piece) {
      StopScanner scanner(stops);
      std::string joined;
      for (size_t i = 0; i < text.size(); i += piece) joined += scanner.push(text.substr(i, piece));
      joined += scanner.finish();
      EXPECT_EQ(joined, once);
      EXPECT_EQ(scanner.found(), whole.found());
    }
  }
}

}  // namespace
}  // namespace aurora::infer
