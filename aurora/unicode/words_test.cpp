#include "aurora/unicode/words.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace aurora::unicode {
namespace {

std::vector<std::string> words_of(const std::string& text) {
  std::vector<std::string> words;
  for_each_word(text, [&](size_t begin, size_t end) { words.push_back(text.substr(begin, end - begin)); });
  return words;
}

TEST(Words, AreRunsOfLettersAndDigitsWithoutPunctuation) {
  EXPECT_EQ(words_of("It's 3.5 km, to \u00c9tretat!"),
            (std::vector<std::string>{"It's", "3.5", "km", "to", "\u00c9tretat"}));
  EXPECT_TRUE(words_of("").empty());
  EXPECT_TRUE(words_of(" -- \n").empty());
}

TEST(Words, OfJapaneseComeFromADictionary) {
  const std::vector<std::string> words =
      words_of("\u65e5\u672c\u8a9e\u306e\u6587\u66f8\u3002");  // the documents of Japanese
  ASSERT_GE(words.size(), 3u);
  EXPECT_EQ(words[1], "\u306e");
}

TEST(Words, BrokenBytesAreNoWords) {
  EXPECT_EQ(words_of("a \xff\xfe b"), (std::vector<std::string>{"a", "b"}));
}

}  // namespace
}  // namespace aurora::unicode
