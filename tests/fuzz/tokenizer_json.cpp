// Any bytes as tokenizer.json; what is read encodes (round_trip.h), and comes back when it is written and
// read again.
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/round_trip.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace aurora;
  fuzz::expect_error_or_success([&] {
    const tokenizer::Tokenizer tokenizer = tokenizer::Tokenizer::from_json(fuzz::text(data, size), "x");
    fuzz::expect_error_or_success([&] { fuzz::probe(tokenizer); });
    const std::string json = tokenizer.to_json();
    const tokenizer::Tokenizer again = tokenizer::Tokenizer::from_json(json, "y");
    AURORA_CHECK(again.fingerprint() == tokenizer.fingerprint());
    AURORA_CHECK(again.to_json() == json);
  });
  return 0;
}
