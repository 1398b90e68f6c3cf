// Any bytes as a rank file of tiktoken; what is read is written and read again.
#include "aurora/tokenizer/formats/rank_file.h"

#include "aurora/base/check.h"
#include "aurora/tokenizer/tokenizer.h"
#include "tests/fuzz/fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace aurora;
  fuzz::expect_error_or_success([&] {
    const tokenizer::Spec spec = tokenizer::read_rank_file(fuzz::text(data, size), "cl100k", "x");
    const tokenizer::Spec again = tokenizer::read_rank_file(tokenizer::write_rank_file(spec), "cl100k", "y");
    AURORA_CHECK(again == spec);
    tokenizer::Tokenizer(spec).encode("low lower");
  });
  return 0;
}
