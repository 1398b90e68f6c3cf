// Any bytes as a GGUF file: its settings as a model's, its tokenizer, its tensors.
#include <memory>
#include <vector>

#include "aurora/models/family.h"
#include "aurora/models/gguf_config.h"
#include "aurora/models/tensor_source.h"
#include "aurora/tokenizer/formats/gguf_tokenizer.h"
#include "aurora/tokenizer/tokenizer.h"
#include "tests/fuzz/fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace aurora;
  const Path path = fuzz::write("x.gguf", fuzz::text(data, size));
  fuzz::expect_error_or_success([&] {
    const auto file = std::make_shared<const format::GgufFile>(path);
    fuzz::expect_error_or_success([&] {
      const tokenizer::Tokenizer tokenizer(tokenizer::read_gguf_tokenizer(file->metadata()), "x");
      tokenizer.encode("a text");
    });
    const models::HfConfig config = models::parse_gguf_config(*file);
    const models::TensorSource source = models::TensorSource::gguf(file, config.shape, true);
    for (const std::string& name : source.names()) {
      const models::SourceTensor& tensor = *source.find(name);
      if (tensor.rows() == 0 || tensor.row_elements() == 0) continue;
      std::vector<float> row(static_cast<size_t>(tensor.row_elements()));
      source.read_rows(tensor, tensor.rows() - 1, 1, format::BlockType::kF32, row.data());
    }
  });
  return 0;
}
