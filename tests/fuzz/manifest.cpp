// Any bytes as manifest.json.
#include "aurora/format/manifest.h"

#include "tests/fuzz/fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace aurora;
  fuzz::write("manifest.json", fuzz::text(data, size));
  fuzz::expect_error_or_success([] { format::read_manifest(fuzz::folder()); });
  return 0;
}
