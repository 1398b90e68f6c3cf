// The hand-written scanner of aurora/tokenizer against PCRE2 running the pattern that tokenizer.json names.
#define PCRE2_CODE_UNIT_WIDTH 8
#include <gtest/gtest.h>
#include <pcre2.h>

#include <string>

#include "aurora/base/random.h"
#include "aurora/pretokenize/pretokenize.h"

namespace aurora::pretokenize {
namespace {

class Pattern {
 public:
  Pattern() {
    int error = 0;
    PCRE2_SIZE offset = 0;
    code_ = pcre2_compile(reinterpret_cast<PCRE2_SPTR>(kPretokenPattern), PCRE2_ZERO_TERMINATED,
                          PCRE2_UTF | PCRE2_UCP, &error, &offset, nullptr);
    match_ = pcre2_match_data_create_from_pattern(code_, nullptr);
  }
  ~Pattern() {
    pcre2_match_data_free(match_);
    pcre2_code_free(code_);
  }
  // End of the match at `at`; 0 when there is none there.
  size_t next(const std::string& text, size_t at) {
    const int found = pcre2_match(code_, reinterpret_cast<PCRE2_SPTR>(text.data()), text.size(), at,
                                  PCRE2_ANCHORED, match_, nullptr);
    return found < 0 ? 0 : pcre2_get_ovector_pointer(match_)[1];
  }

 private:
  pcre2_code* code_ = nullptr;
  pcre2_match_data* match_ = nullptr;
};

TEST(PretokenizeAgainstPcre2, FindsTheSameWords) {
  const char* const pieces[] = {"a",  "Z",  "ll", "é",      "語",     "の",      "ω",      "1",      "42",
                                "²",  "Ⅷ",  " ",  "  ",     "\n",     "\r",      "\t",     "\v",     "'",
                                "'s", "'T", "'v", "'r",     "e",      "'\u017f", "\u3000", "\u00a0", "!",
                                "_",  "。", "😀",  "\u0301", "\u200d", "\u0085",  "\u2028", "ß",      "K"};
  Pattern pattern;
  const RandomKey key = random_key(11, Purpose::kTest);
  for (uint64_t round = 0; round < 30'000; ++round) {
    std::string text;
    const uint64_t length = 1 + random_below(round << 8, key, 14);
    for (uint64_t i = 1; i <= length; ++i)
      text += pieces[random_below(round << 8 | i, key, std::size(pieces))];
    for (size_t at = 0; at < text.size();) {
      const size_t end = pattern.next(text, at);
      ASSERT_EQ(next_word(text, at), end) << ::testing::PrintToString(text) << " at " << at;
      at = end;
    }
  }
}

}  // namespace
}  // namespace aurora::pretokenize
