// Any bytes as a SentencePiece model; what is read encodes, and is written and read again.
#include "aurora/tokenizer/formats/sentencepiece_model.h"

#include "aurora/tokenizer/tokenizer.h"
#include "tests/fuzz/fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace aurora;
  fuzz::expect_error_or_success([&] {
    const tokenizer::Tokenizer tokenizer(tokenizer::read_sentencepiece_model(fuzz::text(data, size), "x"));
    tokenizer.decode(tokenizer.encode("low  lower \xff<s>"));
    tokenizer::write_sentencepiece_model(tokenizer.spec());
  });
  return 0;
}
