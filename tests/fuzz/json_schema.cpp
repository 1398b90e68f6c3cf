// Any bytes as a JSON schema, behind one that seeds random walks: texts that its masks lead to are JSON that
// a plain validator accepts (patterns as PCRE2 sees them).
#include <stdexcept>

#include "aurora/base/check.h"
#include "aurora/constrain/test_validator.h"
#include "aurora/constrain/test_vocabulary.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/pcre2_search.h"

namespace {

bool search(const std::string& regex, const std::string& text) {
  return aurora::fuzz::pcre2_verdict(regex, text, false) != aurora::fuzz::Verdict::kDoesNot;
}

// What the validator cannot judge (references with escapes, circles) counts as accepted.
bool accepts(std::string_view schema, std::string_view text) {
  try {
    return aurora::constrain::TestValidator(schema, search).accepts(text);
  } catch (const std::domain_error&) {
    return true;
  } catch (const nlohmann::json::exception&) {
    return true;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace aurora;
  if (size == 0) return 0;
  fuzz::expect_error_or_success([&] {
    const std::string_view schema = fuzz::text(data + 1, size - 1);
    const auto grammar = constrain::Grammar::from_json_schema(schema, constrain::test_vocabulary());
    constrain::Dice dice(data[0]);
    for (int i = 0; i < 3; ++i) {
      const constrain::Walk walk = constrain::random_walk_of(grammar, dice, 10, 300);
      AURORA_CHECK(walk.fault.empty());
      if (walk.complete) AURORA_CHECK(accepts(schema, walk.text));
    }
  });
  return 0;
}
