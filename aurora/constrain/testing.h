// What tests of constrained decoding expect.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>

#include "aurora/constrain/test_vocabulary.h"

namespace aurora::constrain {

inline bool accepts(const std::shared_ptr<const Grammar>& grammar, std::string_view text) {
  Matcher matcher(grammar);
  return matcher.advance_text(text) && matcher.may_end();
}

// A whole text of allowed tokens, chosen at random.
inline std::string random_walk(const std::shared_ptr<const Grammar>& grammar, Dice& dice, int tokens = 60) {
  const Walk walk = random_walk_of(grammar, dice, tokens, 100000);
  EXPECT_EQ(walk.fault, "") << "behind: " << walk.text;
  EXPECT_TRUE(walk.complete) << walk.text.substr(0, 1000);
  return walk.text;
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
