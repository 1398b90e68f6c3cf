// Descriptions of caches, read back: which arrays make up an order.

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <unordered_map>

#include "aurora/base/error.h"
#include "aurora/base/hash.h"
#include "aurora/megatron/cache.h"
#include "aurora/megatron/order.h"
#include "aurora/megatron/python_json.h"

namespace aurora::megatron {

namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kDescription = "description.txt";

std::vector<Path> descriptions_of(const Path& folder, const std::string& class_and_split) {
  std::vector<Path> found;
  const std::string ending = "-" + class_and_split + "-" + kDescription;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().filename().string().ends_with(ending)) found.push_back(entry.path());
  }
  std::sort(found.begin(), found.end());
  return found;
}

[[noreturn]] void refuse(const Path& description, const std::string& what) {
  throw Error(what, description.string(), "give the description.txt of a GPTDataset or BlendedDataset cache");
}

const Json& member(const Json& json, const char* key, const Path& description) {
  const auto found = json.find(key);
  if (found == json.end()) refuse(description, fmt::format("a description without \"{}\"", key));
  return *found;
}

Split split_of(const Json& json, const char* key, const Path& description) {
  const Json& name = member(json, key, description);
  for (const Split split : kSplits) {
    if (name == split_name(split)) return split;
  }
  refuse(description, "a split that is none of train, valid, test");
}

}  // namespace

Path find_description(const Path& folder, Split split) {
  if (!std::filesystem::is_directory(folder))
    throw Error("no folder of caches", folder.string(), "name Megatron's --data-cache-path");
  for (const char* const class_name : {"BlendedDataset", "GPTDataset"}) {
    const std::vector<Path> found =
        descriptions_of(folder, fmt::format("{}-{}", class_name, split_name(split)));
    if (found.size() == 1) return found.front();
    if (found.size() > 1) {
      std::string names;
      for (const Path& path : found) names += " " + path.filename().string();
      throw Error(fmt::format("{} caches of {}:{}", found.size(), split_name(split), names), folder.string(),
                  "name the description of the one that is meant");
    }
  }
  throw Error(fmt::format("no cache of {}", split_name(split)), folder.string(),
              "make it with `aurora blend export --megatron`, or name another folder");
}

CacheArrays read_description(const Path& description, const std::vector<OrderFile>& files) {
  const std::string text = read_file(description);
  if (!description.filename().string().starts_with(md5_hex(text)))
    refuse(description, "the description is not the one that named it");
  const Json json = parse_json(text, description.string());
  std::unordered_map<std::string, size_t> file_of_name;
  for (size_t i = files.size(); i-- > 0;) file_of_name[files[i].name] = i;  // of equal ones the first
  const Path folder = description.parent_path();

  CacheArrays arrays;
  const auto add_dataset = [&](const Json& dataset) {
    const Json& name = member(dataset, "dataset_path", description);
    const auto file = name.is_string() ? file_of_name.find(name.get<std::string>()) : file_of_name.end();
    if (file == file_of_name.end()) {
      throw Error("the cache is of a token file that is not in the list: " + name.dump(),
                  description.string(), "give the list that Megatron was given");
    }
    const CacheFiles paths =
        CacheFiles::of_dataset(folder, python_dumps(dataset), split_of(dataset, "index_split", description));
    arrays.datasets.push_back(
        {paths.documents_path(), paths.samples_path(), paths.shuffle_path(), file->second});
    const Json& length = member(dataset, "sequence_length", description);
    if (!length.is_number_integer() || length.get<int64_t>() < 1)
      refuse(description, "a sequence length that is no number");
    arrays.sequence_length = length.get<int64_t>();
  };
  const Json& class_name = member(json, "class", description);
  if (class_name == "GPTDataset") {
    add_dataset(json);
  } else if (class_name == "BlendedDataset") {
    for (const Json& dataset : member(json, "datasets", description)) add_dataset(dataset);
    const CacheFiles paths = CacheFiles::of_blend(folder, text, split_of(json, "split", description));
    arrays.blend_datasets = paths.blend_datasets_path();
    arrays.blend_samples = paths.blend_samples_path();
  }
  if (arrays.datasets.empty())
    refuse(description, "a description of neither a GPTDataset nor a blend of some");
  return arrays;
}

}  // namespace aurora::megatron
