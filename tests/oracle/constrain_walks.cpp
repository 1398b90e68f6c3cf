// Random answers under JSON schemas, which constrain_oracle.py gives to jsonschema.
//   constrain_walks FILE.tiktoken SCHEME WALKS SEED
// On stdin a schema for each line; on stdout for each {"texts": [...]}, or {"error": ..., "where": ...} where
// it is refused. Walks that do not come to an end are left out. Fails at a dead end.
#include <fmt/format.h>

#include <cstdlib>
#include <iostream>
#include <nlohmann/json.hpp>
#include <string>

#include "aurora/base/check.h"
#include "aurora/base/error.h"
#include "aurora/base/random.h"
#include "aurora/constrain/grammar.h"

namespace {

using namespace aurora;
using constrain::Grammar;
using constrain::Matcher;
using constrain::TokenMask;

constexpr int kFreeTokens = 25;  // then it closes what is open
constexpr int kMostTokens = 400;

class Walker {
 public:
  explicit Walker(uint64_t seed) : key_(random_key(seed, Purpose::kTest)) {}

  // Empty: no end was reached.
  std::string walk(const std::shared_ptr<const Grammar>& grammar) {
    Matcher matcher(grammar);
    std::string text;
    for (int i = 0; i < kMostTokens; ++i) {
      if (matcher.finished() || (i >= kFreeTokens && matcher.may_end())) return text;
      const char* const closer = i >= kFreeTokens ? closer_of(matcher) : nullptr;
      if (closer != nullptr) {
        AURORA_CHECK(matcher.advance_text(closer));
        text += closer;
        continue;
      }
      const int32_t token = draw(matcher.allowed(), grammar->vocabulary());
      AURORA_CHECK(matcher.advance(token));
      text += grammar->vocabulary().trie().text(token);
    }
    return matcher.may_end() ? text : "";
  }

 private:
  static const char* closer_of(const Matcher& matcher) {
    const auto allows = [&](const char* text) { return Matcher(matcher).advance_text(text); };
    const bool in_string = allows("}") && allows("]");
    if (allows("\"") && (in_string || !allows("}"))) return "\"";
    if (allows("}")) return "}";
    return allows("]") ? "]" : nullptr;
  }

  int32_t draw(const TokenMask& mask, const constrain::Vocabulary& vocabulary) {
    int64_t choices = mask.count();
    for (const int32_t end : vocabulary.end_tokens()) choices -= mask.allows(end) ? 1 : 0;
    AURORA_CHECK(choices > 0);
    auto left = static_cast<int64_t>(random_below(throws_++, key_, static_cast<uint64_t>(choices)));
    for (int32_t id = 0; id < mask.size(); ++id) {
      if (mask.allows(id) && !vocabulary.is_end(id) && left-- == 0) return id;
    }
    return -1;
  }

  RandomKey key_;
  uint64_t throws_ = 0;
};

nlohmann::json answer(const std::string& schema,
                      const std::shared_ptr<const constrain::Vocabulary>& vocabulary, int walks,
                      Walker& walker) {
  try {
    const auto grammar = Grammar::from_json_schema(schema, vocabulary);
    nlohmann::json texts = nlohmann::json::array();
    for (int i = 0; i < walks; ++i) {
      const std::string text = walker.walk(grammar);
      if (!text.empty()) texts.push_back(text);
    }
    return {{"texts", texts}};
  } catch (const Error& error) {
    return {{"error", error.happened()}, {"where", error.where()}};
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 5) {
    fmt::print(stderr, "usage: constrain_walks FILE.tiktoken SCHEME WALKS SEED\n");
    return 2;
  }
  const auto tokenizer = tokenizer::Tokenizer::load_rank_file(argv[1], argv[2]);
  const auto vocabulary = constrain::Vocabulary::of(tokenizer);
  Walker walker(std::strtoull(argv[4], nullptr, 10));
  for (std::string schema; std::getline(std::cin, schema);) {
    std::cout << answer(schema, vocabulary, std::atoi(argv[3]), walker).dump() << "\n";
  }
  return 0;
}
