#include "aurora/release/hugging_face.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>

#include "aurora/base/error.h"
#include "aurora/base/hash.h"
#include "aurora/format/safetensors.h"
#include "aurora/models/llama_config.h"

namespace aurora::release {
namespace {

using Json = nlohmann::ordered_json;
using device::bf16;

std::vector<std::string> write_weights(const Path& folder, const ReleaseInputs& inputs) {
  const bool as_bf16 = inputs.dtype == "bf16";
  const std::vector<models::NamedWeight> weights = inputs.llama.named_weights(inputs.master);
  std::vector<format::TensorSpec> specs;
  std::map<std::string, std::span<const float>> data;
  for (const models::NamedWeight& weight : weights) {
    specs.push_back(
        {weight.name, as_bf16 ? format::StoredType::kBf16 : format::StoredType::kF32, weight.shape});
    data[weight.name] = weight.data;
  }
  return format::write_safetensors_folder(folder, specs, inputs.shard_bytes, {{"format", "pt"}},
                                          [&](const format::TensorSpec& spec, const format::Sink& sink) {
                                            const std::span<const float> values = data.at(spec.name);
                                            if (!as_bf16) return sink(values.data(), values.size_bytes());
                                            std::vector<bf16> rounded(values.size());
                                            std::transform(values.begin(), values.end(), rounded.begin(),
                                                           [](float value) { return bf16(value); });
                                            sink(rounded.data(), rounded.size() * sizeof(bf16));
                                          });
}

std::string tokenizer_config(const ReleaseInputs& inputs) {
  const std::string end(inputs.tokenizer.token(inputs.tokenizer.end_of_document()));
  Json json;
  json["tokenizer_class"] = "PreTrainedTokenizerFast";
  json["model_max_length"] = inputs.max_length;
  json["bos_token"] = end;
  json["eos_token"] = end;
  json["clean_up_tokenization_spaces"] = false;
  return json.dump(2) + "\n";
}

std::string generation_config(const ReleaseInputs& inputs) {
  Json json;
  json["bos_token_id"] = inputs.tokenizer.end_of_document();
  json["eos_token_id"] = inputs.tokenizer.end_of_document();
  json["pad_token_id"] = inputs.tokenizer.end_of_document();
  json["do_sample"] = true;
  json["temperature"] = 0.8;
  json["top_p"] = 0.95;
  return json.dump(2) + "\n";
}

}  // namespace

std::vector<std::string> write_hugging_face(const Path& folder, const ReleaseInputs& inputs) {
  std::filesystem::create_directories(folder);
  std::vector<std::string> names = write_weights(folder, inputs);
  const auto write = [&](const std::string& name, const std::string& bytes) {
    write_file_atomic(folder / name, bytes);
    names.push_back(name);
  };
  models::HfConfig config;
  config.shape = inputs.llama.shape();
  config.max_positions = inputs.max_length;
  config.end_of_text_token = inputs.tokenizer.end_of_document();
  config.dtype = inputs.dtype == "bf16" ? "bfloat16" : "float32";
  write("config.json", models::write_config_json(config));
  write("generation_config.json", generation_config(inputs));
  write("tokenizer.json", inputs.tokenizer.to_json());
  write("tokenizer_config.json", tokenizer_config(inputs));
  write("README.md", write_model_card(inputs.card));

  std::sort(names.begin(), names.end());
  std::string sums;
  for (const std::string& name : names) sums += fmt::format("{}  {}\n", sha256_file(folder / name), name);
  write_file_atomic(folder / "SHA256SUMS", sums);
  names.push_back("SHA256SUMS");
  return names;
}

std::vector<std::string> verify_sha256sums(const Path& folder) {
  const Path list = folder / "SHA256SUMS";
  const std::string sums = read_file(list);
  std::vector<std::string> damages;
  for (size_t begin = 0, line = 1; begin < sums.size(); ++line) {
    const size_t end = std::min(sums.find('\n', begin), sums.size());
    const std::string entry = sums.substr(begin, end - begin);
    begin = end + 1;
    if (entry.size() < 67 || entry.substr(64, 2) != "  ")
      throw Error("not a line of sha256sum", fmt::format("{}:{}", list.string(), line),
                  "write the release again");
    const Path file = folder / entry.substr(66);
    if (!std::filesystem::exists(file))
      damages.push_back(file.string() + " is missing");
    else if (sha256_file(file) != entry.substr(0, 64))
      damages.push_back(file.string() + " does not have the SHA-256 that SHA256SUMS names");
  }
  return damages;
}

}  // namespace aurora::release
