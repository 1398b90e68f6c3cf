// Any bytes as a SentencePiece model; what is read encodes (round_trip.h), and comes back when it is written
// and read again.
#include "aurora/tokenizer/formats/sentencepiece_model.h"

#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/round_trip.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace aurora;
  fuzz::expect_error_or_success([&] {
    const tokenizer::Spec spec = tokenizer::read_sentencepiece_model(fuzz::text(data, size), "x");
    const tokenizer::Tokenizer tokenizer(spec);
    fuzz::expect_error_or_success([&] { fuzz::probe(tokenizer); });
    const std::string written = tokenizer::write_sentencepiece_model(spec);
    AURORA_CHECK(tokenizer::read_sentencepiece_model(written, "y") == spec);
    fuzz::expect_error_or_success([&] { tokenizer.to_json(); });
  });
  return 0;
}
