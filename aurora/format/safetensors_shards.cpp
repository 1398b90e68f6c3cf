// Several safetensors files and the index that names them.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "aurora/base/check.h"
#include "aurora/base/error.h"
#include "aurora/format/json_value.h"
#include "aurora/format/safetensors.h"

namespace aurora::format {
namespace {

constexpr const char* kSingle = "model.safetensors";
constexpr const char* kIndex = "model.safetensors.index.json";
constexpr const char* kRemedy = "copy the model's folder again";

void write_index(const Path& folder, const std::vector<Shard>& shards) {
  uint64_t total = 0;
  std::map<std::string, std::string> weight_map;
  for (const Shard& shard : shards) {
    for (const TensorSpec& spec : shard.tensors) {
      total += spec.bytes();
      weight_map[spec.name] = shard.file;
    }
  }
  OrderedJson json = {{"metadata", {{"total_size", total}}}, {"weight_map", weight_map}};
  write_file_atomic(folder / kIndex, json.dump(2) + "\n");
}

}  // namespace

std::vector<Shard> plan_shards(const std::vector<TensorSpec>& tensors, uint64_t shard_bytes) {
  std::vector<Shard> shards(1);
  uint64_t filled = 0;
  for (const TensorSpec& spec : tensors) {
    if (filled + spec.bytes() > shard_bytes && !shards.back().tensors.empty()) {
      shards.emplace_back();
      filled = 0;
    }
    shards.back().tensors.push_back(spec);
    filled += spec.bytes();
  }
  for (size_t i = 0; i < shards.size(); ++i) {
    shards[i].file =
        shards.size() == 1 ? kSingle : fmt::format("model-{:05}-of-{:05}.safetensors", i + 1, shards.size());
  }
  return shards;
}

std::vector<std::string> write_safetensors_folder(const Path& folder, const std::vector<TensorSpec>& tensors,
                                                  uint64_t shard_bytes, const Metadata& metadata,
                                                  const FillTensor& fill) {
  std::vector<Shard> shards = plan_shards(tensors, shard_bytes);
  std::vector<std::string> files;
  for (const Shard& shard : shards) {
    SafetensorsWriter writer(folder / shard.file, shard.tensors, metadata);
    for (const TensorSpec& spec : shard.tensors) {
      uint64_t given = 0;
      fill(spec, [&](const void* data, size_t size) {
        writer.write(data, size);
        given += size;
      });
      AURORA_CHECK(given == spec.bytes(), "{}: {} bytes of {}", spec.name, given, spec.bytes());
    }
    writer.commit();
    files.push_back(shard.file);
  }
  if (shards.size() > 1) {
    write_index(folder, shards);
    files.push_back(kIndex);
  }
  return files;
}

SafetensorsFolder::SafetensorsFolder(const Path& folder) : folder_(folder) {
  std::error_code ignored;
  if (!std::filesystem::exists(folder / kIndex, ignored)) {
    files_.emplace_back(folder / kSingle);
    for (const StoredTensor& tensor : files_[0].tensors()) by_name_[tensor.spec.name] = &tensor;
    return;
  }
  std::string where = (folder / kIndex).string();
  Json json = parse_json(read_file(folder / kIndex), where, kRemedy);
  std::map<std::string, std::vector<std::string>> names_by_file;
  for (const auto& [name, file] : JsonObject(json, where, kRemedy).object("weight_map").items()) {
    if (!file.is_string() || Path(file.get<std::string>()).filename() != file.get<std::string>()) {
      throw Error("weight_map." + name + " is no file name", where, kRemedy);
    }
    names_by_file[file.get<std::string>()].push_back(name);
  }
  files_.reserve(names_by_file.size());
  for (const auto& [file, names] : names_by_file) {
    files_.emplace_back(folder / file);
    for (const std::string& name : names) by_name_[name] = &files_.back().tensor(name);
  }
}

std::vector<std::string> SafetensorsFolder::names() const {
  std::vector<std::string> names;
  for (const auto& [name, tensor] : by_name_) names.push_back(name);
  return names;
}

const StoredTensor* SafetensorsFolder::find(const std::string& name) const {
  auto found = by_name_.find(name);
  return found == by_name_.end() ? nullptr : found->second;
}

const StoredTensor& SafetensorsFolder::tensor(const std::string& name) const {
  const StoredTensor* found = find(name);
  if (!found) throw Error("no tensor \"" + name + "\"", folder_.string(), "use a model of the same shape");
  return *found;
}

}  // namespace aurora::format
