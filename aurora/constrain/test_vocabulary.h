// What tests and fuzz targets of constrained decoding share: a small byte-level vocabulary, and random walks
// through masks.
#pragma once

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

// What a walk from token to allowed token came to.
struct Walk {
  std::string text;
  bool complete = false;
  std::string fault;  // empty: there was no dead end, and advance() agreed with allowed()
};

// Takes allowed tokens at random; once there are `tokens`, ends where it may, and prefers what closes a
// string, an object or an array. Gives up behind `most` tokens.
inline Walk random_walk_of(const std::shared_ptr<const Grammar>& grammar, Dice& dice, int tokens, int most) {
  Matcher matcher(grammar);
  Walk walk;
  for (int i = 0; i < most; ++i) {
    walk.complete = matcher.may_end();
    if (matcher.finished() || (i >= tokens && walk.complete)) return walk;
    const TokenMask mask = matcher.allowed();
    std::vector<int32_t> choices;
    for (int32_t id = 0; id < mask.size(); ++id) {
      if (mask.allows(id) && id != kEnd) choices.push_back(id);
    }
    if (choices.empty()) {
      walk.fault = "a dead end";
      return walk;
    }
    int32_t token = choices[dice.below(choices.size())];
    const bool in_string = mask.allows('}') && mask.allows(']');
    for (const char closer : {'"', '}', ']'}) {
      if (i >= tokens && mask.allows(closer) && (closer == '"' || !in_string)) token = closer;
    }
    if (!matcher.advance(token)) {
      walk.fault = "an allowed token is refused";
      return walk;
    }
    walk.text += grammar->vocabulary().trie().text(token);
  }
  walk.complete = matcher.may_end();
  return walk;
}

}  // namespace aurora::constrain
