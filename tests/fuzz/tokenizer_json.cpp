// Any bytes as tokenizer.json; what is read encodes, and comes back when it is written and read again.
#include "aurora/base/check.h"
#include "aurora/tokenizer/tokenizer.h"
#include "tests/fuzz/fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace aurora;
  fuzz::expect_error_or_success([&] {
    const tokenizer::Tokenizer tokenizer = tokenizer::Tokenizer::from_json(fuzz::text(data, size), "x");
    tokenizer.decode(tokenizer.encode("low  lower \xff<s>"));
    const tokenizer::Tokenizer again = tokenizer::Tokenizer::from_json(tokenizer.to_json(), "y");
    AURORA_CHECK(again.encode("low lower") == tokenizer.encode("low lower"));
  });
  return 0;
}
