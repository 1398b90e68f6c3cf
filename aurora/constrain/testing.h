// What tests of constrained decoding share: a small byte-level vocabulary, and random walks through masks.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "aurora/base/random.h"
#include "aurora/constrain/grammar.h"

namespace aurora::constrain {

constexpr int32_t kEnd = 256;  // the end token of test_vocabulary()

// The 256 bytes as ids 0 .. 255, the end token, then words that cross the borders of JSON's parts and of
// characters.
inline std::shared_ptr<const Vocabulary> test_vocabulary() {
  static const std::shared_ptr<const Vocabulary> made = [] {
    std::vector<std::string> bytes;
    for (int byte = 0; byte < 256; ++byte) bytes.emplace_back(1, static_cast<char>(byte));
    bytes.emplace_back();
    for (const char* text :
         {"{\"",     "\":",      "\": ",     "\",",   "\", \"",       "},",  "}}",   "}]",   "[{",  "[]",
          "{}",      "]}",       "true",     "false", "null",         "12",  "345",  "1.5",  "e+",  ", ",
          ",\"",     "ab",       "abc",      "the",   " the",         "\n",  "\n  ", "\\u",  "\\n", "00",
          "\\u00e9", "\xc3\xa9", "\xe3\x81", "\x82x", "\xe3\x81\x82", "a\"", "aa",   "aaaa", "-1",  "name",
          "id",      "\"}",      "\"]",      "0,",    "1}",           "2]",  "--"}) {
      bytes.emplace_back(text);
    }
    return std::make_shared<const Vocabulary>(bytes, std::vector<int32_t>{kEnd});
  }();
  return made;
}

// Throws with a seed of its own.
class Dice {
 public:
  explicit Dice(uint64_t seed) : key_(random_key(seed, Purpose::kTest)) {}
  uint64_t below(uint64_t bound) { return random_below(throws_++, key_, bound); }

 private:
  RandomKey key_;
  uint64_t throws_ = 0;
};

inline bool accepts(const std::shared_ptr<const Grammar>& grammar, std::string_view text) {
  Matcher matcher(grammar);
  return matcher.advance_text(text) && matcher.may_end();
}

// A text of allowed tokens, chosen at random, the end where it can be had once `tokens` are taken. Checks
// that there is no dead end and that advance() and allowed() agree.
inline std::string random_walk(const std::shared_ptr<const Grammar>& grammar, Dice& dice, int tokens = 60) {
  Matcher matcher(grammar);
  std::string text;
  for (int i = 0; i < 100000; ++i) {
    if (matcher.finished() || (i >= tokens && matcher.may_end())) return text;
    const TokenMask mask = matcher.allowed();
    std::vector<int32_t> choices;
    for (int32_t id = 0; id < mask.size(); ++id) {
      if (mask.allows(id)) choices.push_back(id);
    }
    EXPECT_FALSE(choices.empty()) << "a dead end behind: " << text;
    if (choices.empty()) return text;
    const int32_t token = choices[dice.below(choices.size())];
    EXPECT_TRUE(matcher.advance(token)) << token << " behind: " << text;
    text += grammar->vocabulary().trie().text(token);
  }
  ADD_FAILURE() << "no end: " << text.substr(0, 1000);
  return text;
}

// Whether each token's own bytes lead on, tried one by one, equals the mask.
inline void expect_exact_mask(const std::shared_ptr<const Grammar>& grammar, std::string_view before) {
  Matcher matcher(grammar);
  ASSERT_TRUE(matcher.advance_text(before)) << before;
  const TokenMask mask = matcher.allowed();
  for (int32_t id = 0; id < mask.size(); ++id) {
    Matcher copy = matcher;
    EXPECT_EQ(mask.allows(id), copy.advance(id))
        << "behind `" << before << "`: `" << grammar->vocabulary().trie().text(id) << "`";
  }
}

}  // namespace aurora::constrain
