// Any bytes as a GGUF file: the structure, every look-up, and the last block of each tensor.
#include "aurora/format/gguf.h"

#include <vector>

#include "tests/fuzz/fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace aurora;
  const Path path = fuzz::write("x.gguf", fuzz::text(data, size));
  fuzz::expect_error_or_success([&] {
    const format::GgufFile file(path);
    for (const auto& [key, value] : file.metadata().entries()) {
      fuzz::expect_error_or_success([&, &key = key] { file.metadata().integers(key); });
      fuzz::expect_error_or_success([&, &key = key] { file.metadata().real(key); });
      fuzz::expect_error_or_success([&, &key = key] { file.metadata().texts(key); });
    }
    for (const format::GgufTensor& tensor : file.tensors()) {
      const format::BlockFormat& format = format::block_format(tensor.spec.type);
      if (tensor.data.empty()) continue;
      std::vector<float> values(static_cast<size_t>(format.block_elements));
      format.decode(tensor.data.data() + tensor.data.size() - format.block_bytes, 1, values.data());
    }
  });
  return 0;
}
