#include "aurora/infer/load_model.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>

#include "aurora/base/error.h"
#include "aurora/infer/open_checkpoint.h"
#include "aurora/models/family.h"
#include "aurora/models/gguf_config.h"
#include "aurora/models/load_weights.h"
#include "aurora/tokenizer/formats/gguf_tokenizer.h"

namespace aurora::infer {
namespace {

namespace fs = std::filesystem;
using models::WeightForm;

struct FormName {
  const char* name;
  WeightForm form;
};
constexpr FormName kForms[] = {{"", WeightForm::kAsStored},
                               {"dense", WeightForm::kDense},
                               {"int8", WeightForm::kInt8},
                               {"int4", WeightForm::kInt4},
                               {"plain", WeightForm::kPlain}};

std::optional<WeightForm> find_form(const std::string& name) {
  for (const FormName& one : kForms)
    if (name == one.name) return one.form;
  return std::nullopt;
}

bool has_weights(const Path& folder) {
  return fs::exists(folder / "model.safetensors") || fs::exists(folder / "model.safetensors.index.json");
}

// Adds ids that are tokens and not there yet.
void add_end_tokens(const std::vector<int64_t>& ids, const tokenizer::Tokenizer& tokenizer,
                    std::vector<int32_t>& end_tokens) {
  for (const int64_t id : ids) {
    if (id < 0 || id >= tokenizer.vocab_size()) continue;
    const auto token = static_cast<int32_t>(id);
    if (std::find(end_tokens.begin(), end_tokens.end(), token) == end_tokens.end())
      end_tokens.push_back(token);
  }
}

// The folder's own name, also of "." and "folder/".
std::string folder_name(const Path& folder) {
  const Path path = fs::absolute(folder).lexically_normal();
  return (path.has_filename() ? path : path.parent_path()).filename().string();
}

OpenedModel open_hugging_face(const Path& folder) {
  const Path config_path = folder / "config.json";
  models::HfConfig config = models::parse_config_json(read_file(config_path), config_path.string());
  tokenizer::Tokenizer tokenizer = tokenizer::Tokenizer::load(folder);
  std::vector<int32_t> end_tokens;
  add_end_tokens({tokenizer.end_of_document()}, tokenizer, end_tokens);
  add_end_tokens(config.end_tokens, tokenizer, end_tokens);
  if (const Path path = folder / "generation_config.json"; fs::exists(path))
    add_end_tokens(models::generation_end_tokens(read_file(path), path.string()), tokenizer, end_tokens);
  const std::string act = config.dtype == "float32" ? "f32" : "bf16";
  return {std::move(config),
          std::move(tokenizer),
          models::TensorSource::safetensors_folder(folder),
          std::move(end_tokens),
          folder_name(folder),
          "",
          act};
}

OpenedModel open_checkpoint(const Path& folder) {
  const CheckpointFacts facts = read_checkpoint_facts(folder);
  const Path config_path = folder / "config.json";
  models::HfConfig config = models::parse_config_json(read_file(config_path), config_path.string());
  // RUN/checkpoints/step-N -> RUN/tokenizer
  const Path run = fs::absolute(folder).lexically_normal().parent_path().parent_path();
  tokenizer::Tokenizer tokenizer = tokenizer::Tokenizer::load(run / "tokenizer");
  if (tokenizer.fingerprint() != facts.tokenizer)
    throw Error(
        fmt::format(
            "this tokenizer (fingerprint {}) is not the one that the checkpoint was trained with ({})",
            tokenizer.fingerprint(), facts.tokenizer),
        (run / "tokenizer" / "tokenizer.json").string(),
        "put back the tokenizer of the run, or train again with this one");
  std::vector<int32_t> end_tokens;
  add_end_tokens({tokenizer.end_of_document()}, tokenizer, end_tokens);
  return {std::move(config),
          std::move(tokenizer),
          models::TensorSource::safetensors_folder(folder),
          std::move(end_tokens),
          folder_name(run),
          facts.weights_hash,
          facts.act};
}

OpenedModel open_gguf(const Path& path) {
  const auto file = std::make_shared<const format::GgufFile>(path);
  models::HfConfig config = models::parse_gguf_config(*file);
  tokenizer::Tokenizer tokenizer(tokenizer::read_gguf_tokenizer(file->metadata()), path.string());
  std::vector<int32_t> end_tokens;
  add_end_tokens(tokenizer::gguf_end_tokens(file->metadata(), tokenizer.spec()), tokenizer, end_tokens);
  const bool permuted =
      models::find_gguf_family(file->metadata().required_text("general.architecture"))->gguf_pairs;
  const std::string* name = file->metadata().text("general.name");
  models::TensorSource source = models::TensorSource::gguf(file, config.shape, permuted);
  const models::SourceTensor* table = source.find("model.embed_tokens.weight");
  const bool f32 = table && table->format->type == format::BlockType::kF32;
  return {std::move(config),
          std::move(tokenizer),
          std::move(source),
          std::move(end_tokens),
          name && !name->empty() ? *name : path.stem().string(),
          "",
          f32 ? "f32" : "bf16"};
}

}  // namespace

FoundModel find_model(const Path& path) {
  if (fs::is_regular_file(path)) {
    if (format::is_gguf(path)) return {ModelFiles::kGguf, path};
    throw Error("not a model: the file is no GGUF file", path.string(),
                "name a GGUF file, a Hugging Face folder, a run folder or a checkpoint");
  }
  if (fs::exists(path / "state.json") && has_weights(path)) return {ModelFiles::kCheckpoint, path};
  if (fs::exists(path / "config.json") && has_weights(path)) return {ModelFiles::kHuggingFace, path};
  for (const Path& folder : {path / "checkpoints", path})
    if (const auto newest = newest_checkpoint(folder)) return {ModelFiles::kCheckpoint, *newest};
  throw Error(
      fs::exists(path) ? "no model here" : "no such file or folder", path.string(),
      "name a GGUF file, a Hugging Face folder (config.json and model.safetensors), a run folder (the "
      "--out of aurora run) or a folder checkpoints/step-*");
}

OpenedModel open_model(const Path& path) {
  const FoundModel found = find_model(path);
  OpenedModel opened = found.kind == ModelFiles::kGguf         ? open_gguf(found.path)
                       : found.kind == ModelFiles::kCheckpoint ? open_checkpoint(found.path)
                                                               : open_hugging_face(found.path);
  check_vocabulary(opened.tokenizer, opened.config.shape);
  return opened;
}

void check_load_settings(const LoadSettings& settings) {
  if (!settings.act.empty() && settings.act != "bf16" && settings.act != "f32")
    throw UsageError(fmt::format("unknown dtype {}", settings.act), "--dtype", "bf16 or f32");
  if (!find_form(settings.weights))
    throw UsageError(fmt::format("unknown form of weights {}", settings.weights), "--weights",
                     "dense, int8 or int4; nothing: as the file has them");
}

Model load_model(const Path& path, const LoadSettings& settings, Pool& pool) {
  check_load_settings(settings);
  OpenedModel opened = open_model(path);
  const std::string& act = settings.act.empty() ? opened.act : settings.act;
  models::Llama llama(opened.config.shape);
  models::InferenceWeights weights = models::load_weights(
      llama, opened.source,
      {act == "f32" ? device::DType::kF32 : device::DType::kBF16, *find_form(settings.weights)}, pool);
  return {std::move(llama),
          std::move(weights),
          std::move(opened.tokenizer),
          opened.config.max_positions,
          std::move(opened.end_tokens),
          std::move(opened.name),
          opened.hash.empty() ? opened.source.hash(pool).hex() : std::move(opened.hash)};
}

}  // namespace aurora::infer
