// Any bytes as a safetensors file.
#include "aurora/format/safetensors.h"

#include "tests/fuzz/fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace aurora;
  const Path path = fuzz::write("x.safetensors", fuzz::text(data, size));
  fuzz::expect_error_or_success([&] {
    const format::SafetensorsFile file(path);
    for (const format::StoredTensor& tensor : file.tensors())
      if (!tensor.data.empty()) static_cast<void>(static_cast<volatile std::byte>(tensor.data.back()));
  });
  return 0;
}
