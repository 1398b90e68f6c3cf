// Any bytes as tokenizer.json.
#include "aurora/tokenizer/tokenizer.h"

#include "tests/fuzz/fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace aurora;
  fuzz::expect_error_or_success([&] { tokenizer::Tokenizer::from_json(fuzz::text(data, size), "x"); });
  return 0;
}
