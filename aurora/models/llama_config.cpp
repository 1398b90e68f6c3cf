#include "aurora/models/llama_config.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "aurora/base/error.h"

namespace aurora::models {
namespace {

using Json = nlohmann::ordered_json;

class Reader {
 public:
  Reader(const Json& json, const std::string& where) : json_(json), where_(where) {}

  template <typename T>
  T required(const char* key) const {
    if (!json_.contains(key)) fail(fmt::format("config lacks '{}'", key));
    return get<T>(key);
  }
  template <typename T>
  T optional(const char* key, T otherwise) const {
    return json_.contains(key) && !json_[key].is_null() ? get<T>(key) : otherwise;
  }
  // A feature this model does not have: the key must be absent, null, or `only`.
  template <typename T>
  void only(const char* key, T value) const {
    if (optional<T>(key, value) != value) {
      fail(fmt::format("config asks for {} = {}, which this model cannot do", key, json_[key].dump()));
    }
  }
  [[noreturn]] void fail(const std::string& what) const {
    throw Error(what, where_, "use the config.json of a Llama model");
  }

 private:
  template <typename T>
  T get(const char* key) const {
    try {
      return json_[key].get<T>();
    } catch (const Json::exception&) {
      fail(fmt::format("config key '{}' has a wrong type", key));
    }
  }
  const Json& json_;
  const std::string& where_;
};

}  // namespace

std::string write_config_json(const HfConfig& config) {
  const plan::ModelShape& s = config.shape;
  Json json;
  json["architectures"] = {"LlamaForCausalLM"};
  json["model_type"] = "llama";
  json["vocab_size"] = s.vocab;
  json["hidden_size"] = s.width;
  json["intermediate_size"] = s.hidden;
  json["num_hidden_layers"] = s.layers;
  json["num_attention_heads"] = s.heads;
  json["num_key_value_heads"] = s.kv_heads;
  json["head_dim"] = s.head_size;
  json["hidden_act"] = "silu";
  json["max_position_embeddings"] = config.max_positions;
  json["rms_norm_eps"] = s.norm_epsilon;
  json["rope_theta"] = s.rope_theta;
  json["rope_scaling"] = nullptr;
  json["attention_bias"] = false;
  json["mlp_bias"] = false;
  json["attention_dropout"] = 0.0;
  json["initializer_range"] = 0.02;
  json["tie_word_embeddings"] = s.tied;
  json["bos_token_id"] = config.end_of_text_token;
  json["eos_token_id"] = config.end_of_text_token;
  json["use_cache"] = true;
  json["torch_dtype"] = config.dtype;
  return json.dump(2) + "\n";
}

HfConfig parse_config_json(const std::string& text, const std::string& name_in_errors) {
  Json json = Json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (!json.is_object()) {
    throw Error("config is no JSON object", name_in_errors, "use the config.json of a Llama model");
  }
  Reader reader(json, name_in_errors);
  if (reader.required<std::string>("model_type") != "llama") reader.fail("config is of another model");
  reader.only<std::string>("hidden_act", "silu");
  reader.only<bool>("attention_bias", false);
  reader.only<bool>("mlp_bias", false);
  if (json.contains("rope_scaling") && !json["rope_scaling"].is_null()) {
    reader.fail("config asks for rope_scaling, which this model cannot do");
  }
  HfConfig config;
  plan::ModelShape& s = config.shape;
  s.vocab = reader.required<int64_t>("vocab_size");
  s.width = reader.required<int64_t>("hidden_size");
  s.hidden = reader.required<int64_t>("intermediate_size");
  s.layers = reader.required<int64_t>("num_hidden_layers");
  s.heads = reader.required<int64_t>("num_attention_heads");
  s.kv_heads = reader.optional<int64_t>("num_key_value_heads", s.heads);
  if (s.layers < 1 || s.width < 1 || s.hidden < 1 || s.vocab < 1 || s.heads < 1 || s.width % s.heads != 0 ||
      s.width / s.heads % 2 != 0 || s.kv_heads < 1 || s.heads % s.kv_heads != 0) {
    reader.fail("config's sizes do not fit each other");
  }
  s.head_size = s.width / s.heads;
  reader.only<int64_t>("head_dim", s.head_size);
  s.norm_epsilon = reader.optional<double>("rms_norm_eps", 1e-6);
  s.rope_theta = reader.optional<double>("rope_theta", 10000.0);
  s.tied = reader.optional<bool>("tie_word_embeddings", false);
  config.max_positions = reader.optional<int64_t>("max_position_embeddings", 2048);
  config.end_of_text_token = reader.optional<int64_t>("eos_token_id", 0);
  config.dtype = reader.optional<std::string>("torch_dtype", "float32");
  return config;
}

}  // namespace aurora::models
