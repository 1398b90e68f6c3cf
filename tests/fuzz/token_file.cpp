// Any bytes as an .idx beside a .bin of 64 bytes; then every document is read.
#include "aurora/format/token_file.h"

#include <vector>

#include "tests/fuzz/fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace aurora;
  fuzz::write("x.bin", std::string(64, '\1'));
  fuzz::write("x.idx", fuzz::text(data, size));
  fuzz::expect_error_or_success([&] {
    const format::TokenFile file(fuzz::folder() / "x");
    std::vector<int32_t> tokens(64);
    const uint64_t count = std::min<uint64_t>(file.tokens(), tokens.size());
    if (count > 0) file.read(0, count, tokens.data());
  });
  return 0;
}
