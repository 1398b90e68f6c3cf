#include "aurora/models/tensor_source.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>

#include "aurora/base/check.h"
#include "aurora/base/error.h"
#include "aurora/format/safetensors.h"
#include "aurora/models/gguf_config.h"

namespace aurora::models {
namespace {

using format::BlockFormat;
using format::BlockType;
using format::StoredType;

// nullptr: a type that weights do not have here.
const BlockFormat* format_of(StoredType type) {
  switch (type) {
    case StoredType::kF32:
      return &format::block_format(BlockType::kF32);
    case StoredType::kF16:
      return &format::block_format(BlockType::kF16);
    case StoredType::kBf16:
      return &format::block_format(BlockType::kBf16);
    default:
      return nullptr;
  }
}

}  // namespace

int64_t SourceTensor::stored_row(int64_t row) const {
  if (rope_heads == 0) return row;
  const int64_t head_size = rows() / rope_heads;
  const int64_t head = row / head_size, place = row % head_size;
  return head * head_size + 2 * (place % (head_size / 2)) + place / (head_size / 2);
}

TensorSource TensorSource::safetensors_folder(const Path& folder) {
  TensorSource source;
  source.where_ = folder.string();
  const auto files = std::make_shared<format::SafetensorsFolder>(folder);
  for (const std::string& name : files->names()) {
    const format::StoredTensor& stored = files->tensor(name);
    source.tensors_[name] = {.name = name,
                             .stored_name = name,
                             .stored_type = format::stored_type_name(stored.spec.type),
                             .shape = stored.spec.shape,
                             .format = format_of(stored.spec.type),
                             .data = stored.data.data(),
                             .bytes = stored.data.size()};
  }
  source.files_ = files;
  return source;
}

TensorSource TensorSource::gguf(std::shared_ptr<const format::GgufFile> file, const plan::ModelShape& shape,
                                bool permuted) {
  TensorSource source;
  source.where_ = file->path().string();
  for (const format::GgufTensor& stored : file->tensors()) {
    if (stored.spec.name == kRopeFactors) continue;  // among the settings (gguf_config.h)
    const std::string name = hugging_face_tensor_name(stored.spec.name);
    if (name.empty())
      throw Error("a tensor that this model does not have",
                  fmt::format("{}, tensor {}", source.where_, stored.spec.name),
                  "use a model of a family that docs/formats/model-files.md names");
    SourceTensor tensor = {.name = name,
                           .stored_name = stored.spec.name,
                           .stored_type = format::block_format(stored.spec.type).name,
                           .shape = stored.spec.shape,
                           .format = &format::block_format(stored.spec.type),
                           .data = stored.data.data(),
                           .bytes = stored.data.size()};
    if (permuted && name.ends_with("self_attn.q_proj.weight")) tensor.rope_heads = shape.heads;
    if (permuted && name.ends_with("self_attn.k_proj.weight")) tensor.rope_heads = shape.kv_heads;
    if (tensor.rope_heads > 0 && tensor.rows() % (2 * tensor.rope_heads) != 0)
      throw Error(fmt::format("{} rows of {} heads", tensor.rows(), tensor.rope_heads),
                  fmt::format("{}, tensor {}", source.where_, stored.spec.name), "convert the model again");
    source.tensors_[name] = std::move(tensor);
  }
  source.files_ = std::move(file);
  return source;
}

std::vector<std::string> TensorSource::names() const {
  std::vector<std::string> names;
  for (const auto& [name, tensor] : tensors_) names.push_back(name);
  return names;
}

const SourceTensor* TensorSource::find(const std::string& name) const {
  const auto found = tensors_.find(name);
  return found == tensors_.end() ? nullptr : &found->second;
}

const SourceTensor& TensorSource::tensor(const std::string& name, const std::vector<int64_t>& shape) const {
  const SourceTensor* found = find(name);
  if (!found) throw Error(fmt::format("the tensor \"{}\" is missing", name), where_, "use the whole model");
  const std::string where = fmt::format("{}, tensor {}", where_, found->stored_name);
  if (!found->format)
    throw Error(fmt::format("type {} of weights is not supported", found->stored_type), where,
                "use weights of F32, F16 or BF16");
  if (found->shape != shape)
    throw Error(fmt::format("shape [{}], but the model's settings want [{}]", fmt::join(found->shape, ", "),
                            fmt::join(shape, ", ")),
                where, "use weights and settings of one model");
  return *found;
}

void TensorSource::read_rows(const SourceTensor& tensor, int64_t row, int64_t count, BlockType as,
                             void* out) const {
  AURORA_CHECK(row >= 0 && count >= 0 && row + count <= tensor.rows());
  const BlockFormat& from = *tensor.format;
  const BlockFormat& to = format::block_format(as);
  const int64_t elements = tensor.row_elements();
  AURORA_CHECK(to.encode != nullptr && elements % to.block_elements == 0);
  const int64_t from_bytes = from.bytes(elements), to_bytes = to.bytes(elements);
  auto* to_row = static_cast<std::byte*>(out);
  if (&from == &to && tensor.rope_heads == 0) {
    std::memcpy(to_row, tensor.data + row * from_bytes, static_cast<size_t>(count * from_bytes));
    return;
  }
  std::vector<float> values(static_cast<size_t>(&from == &to ? 0 : elements));
  for (int64_t i = row; i < row + count; ++i, to_row += to_bytes) {
    const std::byte* from_row = tensor.data + tensor.stored_row(i) * from_bytes;
    if (&from == &to) {
      std::memcpy(to_row, from_row, static_cast<size_t>(from_bytes));
      continue;
    }
    from.decode(from_row, elements / from.block_elements, values.data());
    to.encode(values.data(), elements / to.block_elements, to_row);
  }
}

void TensorSource::will_need() const {
  const auto page = static_cast<uintptr_t>(::sysconf(_SC_PAGESIZE));
  for (const auto& [name, tensor] : tensors_) {
    const auto begin = reinterpret_cast<uintptr_t>(tensor.data) / page * page;
    const auto end = reinterpret_cast<uintptr_t>(tensor.data) + tensor.bytes;
    // Advice only: what comes of it is not our business.
    if (end > begin) ::madvise(reinterpret_cast<void*>(begin), end - begin, MADV_WILLNEED);
  }
}

Hash128 TensorSource::hash(Pool& pool) const {
  struct Chunk {
    const std::byte* data;
    uint64_t bytes;
  };
  constexpr uint64_t kChunkBytes = 4 << 20;
  std::vector<Chunk> chunks;
  for (const auto& [name, tensor] : tensors_)
    for (uint64_t at = 0; at < tensor.bytes; at += kChunkBytes)
      chunks.push_back({tensor.data + at, std::min(kChunkBytes, tensor.bytes - at)});
  std::vector<Hash128> hashes(chunks.size());
  pool.for_each(chunks.size(), [&](size_t i) {
    hashes[i] = xxh3_128({reinterpret_cast<const char*>(chunks[i].data), chunks[i].bytes});
  });
  Hasher hasher;
  for (const auto& [name, tensor] : tensors_) {
    hasher.update(fmt::format("{}\n{} {} [{}]\n", name, tensor.stored_type, tensor.rope_heads,
                              fmt::join(tensor.shape, ",")));
  }
  hasher.update(hashes.data(), hashes.size() * sizeof(Hash128));
  return hasher.digest();
}

}  // namespace aurora::models
