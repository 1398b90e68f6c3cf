// The weights of a model on disk, whatever the file: a Hugging Face folder of safetensors (one or several
// files; our checkpoints are such folders) or a GGUF file. Every tensor is found under its Hugging Face name
// ("model.layers.0.self_attn.q_proj.weight") with the rows in Hugging Face's order, and is read row by row in
// the type that the reader wants.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "aurora/base/file.h"
#include "aurora/base/hash.h"
#include "aurora/base/threads.h"
#include "aurora/format/gguf.h"
#include "aurora/format/quant_blocks.h"
#include "aurora/plan/shape.h"

namespace aurora::models {

// A tensor in a mapped file, read only.
struct SourceTensor {
  std::string name;                             // Hugging Face's
  std::string stored_name;                      // in the file, for messages
  std::string stored_type;                      // as the file calls it, for messages
  std::vector<int64_t> shape;                   // row-major
  const format::BlockFormat* format = nullptr;  // nullptr: a type that weights cannot have
  const std::byte* data = nullptr;
  uint64_t bytes = 0;
  int64_t rope_heads = 0;  // > 0: the file holds the rows of so many heads with rotation pairs side by side

  int64_t rows() const { return shape.size() < 2 ? 1 : shape.front(); }
  int64_t row_elements() const { return shape.empty() ? 1 : shape.back(); }
  // The row of the file that holds row `row`.
  int64_t stored_row(int64_t row) const;
};

// Immutable, thread-safe; keeps its files mapped as long as a copy of it lives.
class TensorSource {
 public:
  // model.safetensors, or the shards that model.safetensors.index.json names. Types: F32, F16, BF16; a tensor
  // of another type is refused by name when it is asked for.
  static TensorSource safetensors_folder(const Path& folder);
  // heads: of the shape that the file's settings describe. permuted: rotation pairs lie side by side in q and
  // k, as convert_hf_to_gguf writes them for architecture llama. Tensors without a Hugging Face name are
  // refused by their own.
  static TensorSource gguf(std::shared_ptr<const format::GgufFile> file, const plan::ModelShape& shape,
                           bool permuted);

  const std::string& where() const { return where_; }  // for messages
  std::vector<std::string> names() const;              // Hugging Face's, sorted
  const SourceTensor* find(const std::string& name) const;
  // Error naming the tensor: absent, or of another shape than [rows, row_elements] ([elements] for one axis).
  const SourceTensor& tensor(const std::string& name, const std::vector<int64_t>& shape) const;

  // Rows [row, row + count) as type `as` (F32, F16, BF16, Q8_0 or Q4_0) one after another at `out`; a tensor
  // of one axis is one row. Rows that are stored so are copied, others go through f32. Any thread.
  void read_rows(const SourceTensor& tensor, int64_t row, int64_t count, format::BlockType as,
                 void* out) const;
  // What keeps the tensors' memory mapped.
  const std::shared_ptr<const void>& files() const { return files_; }
  // Asks the kernel to read all tensors ahead.
  void will_need() const;
  // The model's identity: names, types, shapes and bytes as stored. Independent of threads and of how the
  // tensors are spread over files.
  Hash128 hash(Pool& pool) const;

 private:
  std::string where_;
  std::map<std::string, SourceTensor> tensors_;
  std::shared_ptr<const void> files_;
};

}  // namespace aurora::models
