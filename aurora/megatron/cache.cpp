#include "aurora/megatron/cache.h"

#include <nlohmann/json.hpp>

#include "aurora/base/error.h"
#include "aurora/base/hash.h"
#include "aurora/megatron/python_json.h"

namespace aurora::megatron {

namespace {

using Json = nlohmann::ordered_json;

Json or_null(const std::optional<std::string>& text) {
  return text ? Json(*text) : Json(nullptr);
}
Json or_null(const std::optional<int64_t>& number) {
  return number ? Json(*number) : Json(nullptr);
}

Json matrix_json(const std::string& split_text) {
  const SplitMatrix matrix = split_matrix(split_text);
  Json rows = Json::array();
  for (size_t i = 0; i < matrix.size(); ++i) {
    if (!matrix[i]) {
      rows.push_back(nullptr);
      continue;
    }
    // The first book-end is Megatron's int 0, all others are floats.
    const Json begin = i == 0 ? Json(0) : Json(matrix[i]->begin);
    rows.push_back(Json::array({begin, matrix[i]->end}));
  }
  return rows;
}

Json dataset_json(const DatasetIdentity& identity) {
  Json json;
  json["class"] = "GPTDataset";
  json["dataset_path"] = identity.path;
  json["num_samples"] = or_null(identity.samples);
  json["index_split"] = split_name(identity.split);
  json["random_seed"] = identity.seed;
  json["sequence_length"] = identity.sequence_length;
  json["split"] = or_null(identity.split_text);
  json["split_matrix"] = identity.split_text ? matrix_json(*identity.split_text) : Json(nullptr);
  json["tokenizer"] = parse_json(identity.tokenizer, "the tokenizer's identifiers");
  return json;
}

void add_options(Json& json, const std::vector<TokenizerOption>& options) {
  for (const TokenizerOption& option : options) json[option.name] = option.value;
}

}  // namespace

std::string core_tokenizer_json(const std::string& class_name, const std::optional<std::string>& path,
                                const std::vector<TokenizerOption>& options) {
  Json json;
  json["class"] = class_name;
  json["tokenizer_path"] = or_null(path);
  add_options(json, options);
  return python_dumps(json);
}

std::string legacy_tokenizer_json(const std::string& class_name,
                                  const std::vector<std::optional<std::string>>& paths,
                                  const std::vector<TokenizerOption>& options) {
  Json json;
  json["class"] = class_name;
  json["tokenizer_path"] = Json::array();
  for (const auto& path : paths) json["tokenizer_path"].push_back(or_null(path));
  add_options(json, options);
  return python_dumps(json);
}

std::string dataset_description(const DatasetIdentity& identity) {
  return python_dumps(dataset_json(identity));
}

std::string blend_description(const std::vector<DatasetIdentity>& datasets, Split split,
                              const BlendWeights& weights, std::optional<int64_t> size) {
  Json json;
  json["class"] = "BlendedDataset";
  json["datasets"] = Json::array();
  for (const DatasetIdentity& dataset : datasets) json["datasets"].push_back(dataset_json(dataset));
  json["split"] = split_name(split);
  std::visit([&](const auto& list) { json["weights"] = list; }, weights);
  json["size"] = or_null(size);
  return python_dumps(json);
}

CacheFiles::CacheFiles(const Path& folder, const std::string& description, Split split,
                       const char* class_name)
    : folder_(folder), base_(md5_hex(description) + "-" + class_name + "-" + split_name(split) + "-") {}

CacheFiles CacheFiles::of_dataset(const Path& folder, const std::string& description, Split split) {
  return CacheFiles(folder, description, split, "GPTDataset");
}

CacheFiles CacheFiles::of_blend(const Path& folder, const std::string& description, Split split) {
  return CacheFiles(folder, description, split, "BlendedDataset");
}

Path CacheFiles::path(const char* affix) const {
  return folder_ / (base_ + affix);
}

bool cache_is_valid(const Path& description_path, const std::string& description,
                    const std::vector<CacheArray>& arrays) {
  try {
    if (!std::filesystem::is_regular_file(description_path) || read_file(description_path) != description)
      return false;
    for (const CacheArray& array : arrays) {
      if (!std::filesystem::is_regular_file(array.path)) return false;
      const format::NpyFile file(array.path);
      if (file.type() != array.type || file.shape() != array.shape) return false;
    }
    return true;
  } catch (const Error&) {
    return false;  // damaged: to be built again
  }
}

uint64_t publish_cache(const Path& description_path, const std::string& description,
                       const std::vector<CacheArray>& arrays) {
  uint64_t bytes = description.size();
  std::filesystem::create_directories(description_path.parent_path());
  std::filesystem::remove(description_path);
  for (const CacheArray& array : arrays) {
    uint64_t size = format::npy_type_bytes(array.type);
    for (const uint64_t extent : array.shape) size *= extent;
    format::NpyWriter writer(array.path, array.type, array.shape);
    writer.write(array.data, size);
    writer.commit();
    bytes += size;
  }
  write_file_atomic(description_path, description);
  return bytes;
}

}  // namespace aurora::megatron
