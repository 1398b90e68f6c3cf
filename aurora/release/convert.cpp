#include "aurora/release/convert.h"

#include <algorithm>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>

#include "aurora/base/check.h"
#include "aurora/format/safetensors.h"
#include "aurora/models/family.h"
#include "aurora/models/gguf_config.h"
#include "aurora/tokenizer/formats/gguf_tokenizer.h"
#include "aurora/tokenizer/formats/tokenizer_config.h"

namespace aurora::release {
namespace {

using format::BlockFormat;
using format::BlockType;
using models::SourceTensor;

constexpr uint64_t kShardBytes = 4'000'000'000;

// The model's tensors in the order of its layout, found in the source by name and shape.
std::vector<const SourceTensor*> tensors_of(const infer::OpenedModel& model) {
  const models::Llama llama(model.config.shape);
  std::vector<const SourceTensor*> tensors;
  for (const nn::Parameter& parameter : llama.layout().parameters()) {
    for (const nn::Part& part : parameter.parts) {
      std::vector<int64_t> shape = parameter.shape;
      shape.front() = part.rows;
      tensors.push_back(&model.source.tensor(models::hugging_face_name(part.name), shape));
    }
  }
  return tensors;
}

// The row of a head's values that stands at `row` where rotation pairs lie side by side.
int64_t paired_row(int64_t row, int64_t head_size) {
  const int64_t head = row / head_size, place = row % head_size;
  return head * head_size + place / 2 + place % 2 * (head_size / 2);
}

// Passes the tensor's rows as `type` to the sink, in order, some megabytes at a time. head_size > 0: with
// rotation pairs side by side.
void stream_rows(const models::TensorSource& source, const SourceTensor& tensor, BlockType type,
                 int64_t head_size, Pool& pool, const format::Sink& sink) {
  constexpr int64_t kPieceBytes = 16 << 20, kTileRows = 16;
  const int64_t row_bytes = format::block_format(type).bytes(tensor.row_elements());
  const int64_t rows = std::max<int64_t>(kTileRows, kPieceBytes / row_bytes);
  std::vector<std::byte> piece(static_cast<size_t>(std::min(rows, tensor.rows()) * row_bytes));
  for (int64_t begin = 0; begin < tensor.rows(); begin += rows) {
    const int64_t count = std::min(rows, tensor.rows() - begin);
    pool.for_each(static_cast<size_t>((count + kTileRows - 1) / kTileRows), [&](size_t tile) {
      const int64_t first = static_cast<int64_t>(tile) * kTileRows;
      const int64_t last = std::min(count, first + kTileRows);
      std::byte* out = piece.data() + first * row_bytes;
      if (head_size == 0) return source.read_rows(tensor, begin + first, last - first, type, out);
      for (int64_t row = first; row < last; ++row, out += row_bytes)
        source.read_rows(tensor, paired_row(begin + row, head_size), 1, type, out);
    });
    sink(piece.data(), static_cast<size_t>(count * row_bytes));
  }
}

BlockType gguf_type(const SourceTensor& tensor, BlockType wanted) {
  if (tensor.shape.size() < 2) return BlockType::kF32;
  return tensor.row_elements() % format::block_format(wanted).block_elements == 0 ? wanted : BlockType::kBf16;
}

// general.file_type: what most of the matrices are, by llama.cpp's numbers.
uint32_t file_type(BlockType type) {
  switch (type) {
    case BlockType::kF32:
      return 0;
    case BlockType::kF16:
      return 1;
    case BlockType::kQ4_0:
      return 2;
    case BlockType::kQ8_0:
      return 7;
    default:
      return 32;  // BF16
  }
}

std::vector<int64_t> end_tokens_of(const infer::OpenedModel& model) {
  return {model.end_tokens.begin(), model.end_tokens.end()};
}

format::GgufMetadata gguf_settings(const infer::OpenedModel& model, BlockType type, const Path& file) {
  format::GgufMetadata metadata(file.string());
  models::write_gguf_config(model.config, metadata);
  metadata.set("general.type", std::string("model"));
  metadata.set("general.name", model.name);
  metadata.set("general.file_type", file_type(type));
  metadata.set("general.quantization_version", uint32_t{2});
  tokenizer::write_gguf_tokenizer(model.tokenizer.spec(), model.config.shape.vocab, metadata);
  tokenizer::write_gguf_end_tokens(end_tokens_of(model), metadata);
  return metadata;
}

format::StoredType stored_type(BlockType type) {
  return type == BlockType::kF32   ? format::StoredType::kF32
         : type == BlockType::kF16 ? format::StoredType::kF16
                                   : format::StoredType::kBf16;
}

std::string generation_config(const infer::OpenedModel& model) {
  nlohmann::ordered_json json;
  const int32_t begin = model.tokenizer.spec().begin_of_document;
  if (begin >= 0) json["bos_token_id"] = begin;
  if (model.end_tokens.size() == 1) json["eos_token_id"] = model.end_tokens.front();
  if (model.end_tokens.size() > 1) json["eos_token_id"] = model.end_tokens;
  return json.dump(2) + "\n";
}

std::string config_json(const infer::OpenedModel& model, BlockType type) {
  models::HfConfig config = model.config;
  config.dtype = type == BlockType::kF32 ? "float32" : type == BlockType::kF16 ? "float16" : "bfloat16";
  config.end_tokens = end_tokens_of(model);
  if (!config.end_tokens.empty()) config.end_of_text_token = config.end_tokens.front();
  const int32_t begin = model.tokenizer.spec().begin_of_document;
  if (begin >= 0) config.begin_of_text_token = begin;
  return models::write_config_json(config);
}

}  // namespace

void write_gguf_model(const infer::OpenedModel& model, BlockType type, const Path& file, Pool& pool) {
  const plan::ModelShape& shape = model.config.shape;
  const bool paired = models::family_of(shape).gguf_pairs;
  const std::vector<const SourceTensor*> tensors = tensors_of(model);
  const bool scaled = shape.rope_scaling.kind == plan::RopeScaling::Kind::kLlama3;
  std::vector<format::GgufTensorSpec> specs;
  if (scaled) specs.push_back({models::kRopeFactors, BlockType::kF32, {shape.head_size / 2}});
  for (const SourceTensor* tensor : tensors)
    specs.push_back({models::gguf_tensor_name(tensor->name), gguf_type(*tensor, type), tensor->shape});

  format::GgufWriter writer(file, gguf_settings(model, type, file), specs);
  if (scaled) {
    const std::vector<float> factors = models::rope_factors(shape);
    writer.write(factors.data(), factors.size() * sizeof(float));
  }
  for (const SourceTensor* tensor : tensors) {
    const bool rotated = tensor->name.ends_with("q_proj.weight") || tensor->name.ends_with("k_proj.weight");
    stream_rows(model.source, *tensor, gguf_type(*tensor, type), paired && rotated ? shape.head_size : 0,
                pool, [&](const void* data, size_t size) { writer.write(data, size); });
  }
  writer.commit();
}

std::vector<std::string> write_hugging_face_model(const infer::OpenedModel& model, BlockType type,
                                                  const Path& folder, Pool& pool) {
  AURORA_CHECK(!format::block_format(type).quantised());
  const std::string tokenizer_json = model.tokenizer.to_json();  // what it cannot say is told first
  std::filesystem::create_directories(folder);
  std::vector<format::TensorSpec> specs;
  std::map<std::string, const SourceTensor*> by_name;
  for (const SourceTensor* tensor : tensors_of(model)) {
    specs.push_back({tensor->name, stored_type(type), tensor->shape});
    by_name[tensor->name] = tensor;
  }
  std::vector<std::string> names = format::write_safetensors_folder(
      folder, specs, kShardBytes, {{"format", "pt"}},
      [&](const format::TensorSpec& spec, const format::Sink& sink) {
        stream_rows(model.source, *by_name.at(spec.name), type, 0, pool, sink);
      });
  const auto write = [&](const char* name, const std::string& bytes) {
    write_file_atomic(folder / name, bytes);
    names.emplace_back(name);
  };
  write("tokenizer.json", tokenizer_json);
  write("tokenizer_config.json", tokenizer::write_tokenizer_config(model.tokenizer.spec()));
  write("generation_config.json", generation_config(model));
  write("config.json", config_json(model, type));
  return names;
}

}  // namespace aurora::release
