// Any bytes as a rank file of tiktoken, or, after a '+', as its lines behind those of the 256 bytes; what is
// read encodes as the textbook does (and round_trip.h says), and comes back when it is written and read
// again.
#include "aurora/tokenizer/formats/rank_file.h"

#include "aurora/tokenizer/formats/base64.h"
#include "aurora/tokenizer/textbook.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/round_trip.h"

namespace {

std::string lines_of_bytes() {
  std::string lines;
  for (int byte = 0; byte < 256; ++byte) {
    lines += aurora::tokenizer::write_base64(std::string(1, static_cast<char>(byte))) + " " +
             std::to_string(byte) + "\n";
  }
  return lines;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace aurora;
  static const std::string bytes = lines_of_bytes();
  std::string lines(fuzz::text(data, size));
  if (lines.starts_with('+')) lines.replace(0, 1, bytes);
  fuzz::expect_error_or_success([&] {
    const tokenizer::Spec spec = tokenizer::read_rank_file(lines, "cl100k", "x");
    const tokenizer::Spec again = tokenizer::read_rank_file(tokenizer::write_rank_file(spec), "cl100k", "y");
    AURORA_CHECK(again == spec);
    const tokenizer::Tokenizer tokenizer(spec);
    fuzz::probe(tokenizer);
    const std::string text = fuzz::probe_text(spec);
    if (text.size() > 512) return;  // the textbook's time grows with the square of a word
    std::vector<int32_t> expected;
    tokenizer::Textbook(spec).encode(text, expected);
    AURORA_CHECK(tokenizer.encode(text) == expected);
  });
  return 0;
}
