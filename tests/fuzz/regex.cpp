// Any bytes as a regular expression, behind one that seeds random walks: texts that its masks lead to match
// it, as PCRE2 sees it.
#include "aurora/base/check.h"
#include "aurora/base/utf8.h"
#include "aurora/constrain/test_vocabulary.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/pcre2_search.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace aurora;
  if (size == 0) return 0;
  fuzz::expect_error_or_success([&] {
    const std::string regex(fuzz::text(data + 1, size - 1));
    const auto grammar = constrain::Grammar::from_regex(regex, constrain::test_vocabulary());
    constrain::Dice dice(data[0]);
    for (int i = 0; i < 3; ++i) {
      const constrain::Walk walk = constrain::random_walk_of(grammar, dice, 10, 300);
      AURORA_CHECK(walk.fault.empty());
      if (!walk.complete) continue;
      AURORA_CHECK(is_valid_utf8(walk.text));
      AURORA_CHECK(fuzz::pcre2_verdict(regex, walk.text, true) != fuzz::Verdict::kDoesNot);
    }
  });
  return 0;
}
