#include "aurora/models/llama_config.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <nlohmann/json.hpp>

#include "aurora/base/error.h"
#include "aurora/models/family.h"

namespace aurora::models {
namespace {

using Json = nlohmann::ordered_json;
using plan::RopeScaling;

class Reader {
 public:
  Reader(const Json& json, const std::string& where) : json_(json), where_(where) {}

  bool has(const char* key) const { return json_.contains(key) && !json_[key].is_null(); }
  const Json& at(const char* key) const { return json_[key]; }
  template <typename T>
  T required(const char* key) const {
    if (!json_.contains(key)) fail(fmt::format("config lacks '{}'", key));
    return get<T>(key);
  }
  template <typename T>
  T optional(const char* key, T otherwise) const {
    return has(key) ? get<T>(key) : otherwise;
  }
  // A feature this model does not have: the key must be absent, null, or `only`.
  template <typename T>
  void only(const char* key, T value) const {
    if (optional<T>(key, value) != value) cannot(key);
  }
  [[noreturn]] void cannot(const char* key) const {
    fail(fmt::format("config asks for {} = {}, which this model cannot do", key, json_[key].dump()));
  }
  [[noreturn]] void fail(const std::string& what) const {
    throw Error(what, where_, "use a model of a family that docs/formats/model-files.md names");
  }
  // The object under a key, with the same errors.
  Reader inside(const char* key) const {
    if (!json_[key].is_object()) fail(fmt::format("config key '{}' has a wrong type", key));
    return {json_[key], where_};
  }
  // 2 or [2, 5]; empty when absent.
  std::vector<int64_t> numbers(const char* key) const {
    if (!has(key)) return {};
    return json_[key].is_array() ? get<std::vector<int64_t>>(key) : std::vector{get<int64_t>(key)};
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

const Json parse_object(const std::string& text, const std::string& where) {
  Json json = Json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (!json.is_object())
    throw Error("config is no JSON object", where, "use the file that belongs to the model");
  return json;
}

const Family& read_family(const Reader& reader) {
  const std::string type = reader.required<std::string>("model_type");
  const Family* family = find_family(type);
  if (family) return *family;
  std::vector<std::string_view> known;
  for (const Family& one : families()) known.push_back(one.model_type);
  reader.fail(
      fmt::format("models of type '{}' are not supported; these are: {}", type, fmt::join(known, ", ")));
}

// rope_theta and rope_scaling, or both in rope_parameters (transformers 5).
void read_rope(const Reader& reader, plan::ModelShape& shape) {
  shape.rope_theta = reader.optional<double>("rope_theta", 10000.0);
  const bool joined = reader.has("rope_parameters");
  const char* key = joined ? "rope_parameters" : "rope_scaling";
  if (!reader.has(key)) return;
  const Reader rope = reader.inside(key);
  shape.rope_theta = rope.optional<double>("rope_theta", shape.rope_theta);
  rope.only<double>("partial_rotary_factor", 1.0);
  std::string type = rope.optional<std::string>("rope_type", rope.optional<std::string>("type", ""));
  if (type.empty() && joined) type = "default";
  RopeScaling& scaling = shape.rope_scaling;
  if (type == "default") return;
  if (type != "linear" && type != "llama3")
    reader.fail(fmt::format("config asks for {} of type '{}', which this model cannot do", key, type));
  scaling.kind = type == "linear" ? RopeScaling::Kind::kLinear : RopeScaling::Kind::kLlama3;
  scaling.factor = rope.required<double>("factor");
  if (scaling.kind == RopeScaling::Kind::kLlama3) {
    scaling.low_frequency_factor = rope.required<double>("low_freq_factor");
    scaling.high_frequency_factor = rope.required<double>("high_freq_factor");
    scaling.original_positions = rope.required<int64_t>("original_max_position_embeddings");
  }
  if (!(scaling.factor >= 1) || !(scaling.high_frequency_factor > scaling.low_frequency_factor) ||
      scaling.original_positions < 1)
    reader.fail(fmt::format("config's {} does not fit together", key));
}

// Which positions a row attends to. All layers must do the same.
int64_t read_window(const Reader& reader, const Family& family, int64_t layers) {
  const bool used = family.always_windowed || reader.optional<bool>("use_sliding_window", false);
  const int64_t window = used ? reader.optional<int64_t>("sliding_window", 0) : 0;
  if (window < 0) reader.cannot("sliding_window");
  if (reader.has("layer_types")) {
    for (const std::string& type : reader.required<std::vector<std::string>>("layer_types"))
      if (type != (window > 0 ? "sliding_attention" : "full_attention")) reader.cannot("layer_types");
  } else if (window > 0 && !family.always_windowed) {
    // Qwen: the layers from max_window_layers on.
    const int64_t first = reader.optional<int64_t>("max_window_layers", 28);
    if (first >= layers) return 0;
    if (first > 0) reader.cannot("max_window_layers");
  }
  return window;
}

void read_sizes(const Reader& reader, const Family& family, plan::ModelShape& s) {
  s.vocab = reader.required<int64_t>("vocab_size");
  s.width = reader.required<int64_t>("hidden_size");
  s.hidden = reader.required<int64_t>("intermediate_size");
  s.layers = reader.required<int64_t>("num_hidden_layers");
  s.heads = reader.required<int64_t>("num_attention_heads");
  s.kv_heads = reader.optional<int64_t>("num_key_value_heads", s.heads);
  if (s.heads > 0 && s.width % s.heads == 0) s.head_size = s.width / s.heads;
  if (family.head_size > 0) s.head_size = family.head_size;
  s.head_size = reader.optional<int64_t>("head_dim", s.head_size);
  if (const std::string trouble = check_shape(s); !trouble.empty())
    reader.fail("config's sizes do not fit each other: " + trouble);
}

}  // namespace

std::string check_shape(const plan::ModelShape& s) {
  constexpr int64_t kLargest = int64_t{1} << 31;
  for (const auto& [size, name] : {std::pair{s.layers, "layers"},
                                   {s.width, "width"},
                                   {s.hidden, "hidden size"},
                                   {s.vocab, "vocabulary"},
                                   {s.heads, "heads"},
                                   {s.kv_heads, "key/value heads"},
                                   {s.head_size, "head size"}})
    if (size < 1 || size >= kLargest) return fmt::format("{} is {}", name, size);
  if (s.heads % s.kv_heads != 0) return fmt::format("{} heads over {} key/value heads", s.heads, s.kv_heads);
  if (s.head_size % 2 != 0) return fmt::format("heads of {} values", s.head_size);
  if (s.layers > 1 << 16 || s.head_size > 1 << 16) return "too large";
  // In floating point, as the exact number may not fit.
  const auto real = [](int64_t size) { return static_cast<double>(size); };
  const double attention = real(s.head_size) * (2 * real(s.heads) + 2 * real(s.kv_heads));
  const double weights =
      real(s.width) * (real(s.layers) * (attention + 3 * real(s.hidden)) + 2 * real(s.vocab));
  if (weights > 0x1p48) return "too large";
  return "";
}

std::string write_config_json(const HfConfig& config) {
  const plan::ModelShape& s = config.shape;
  const Family& family = family_of(s);
  Json json;
  json["architectures"] = {family.architecture};
  json["model_type"] = family.model_type;
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
  if (s.rope_scaling.kind == RopeScaling::Kind::kLinear) {
    json["rope_scaling"] = {{"rope_type", "linear"}, {"factor", s.rope_scaling.factor}};
  } else if (s.rope_scaling.kind == RopeScaling::Kind::kLlama3) {
    json["rope_scaling"] = {{"rope_type", "llama3"},
                            {"factor", s.rope_scaling.factor},
                            {"low_freq_factor", s.rope_scaling.low_frequency_factor},
                            {"high_freq_factor", s.rope_scaling.high_frequency_factor},
                            {"original_max_position_embeddings", s.rope_scaling.original_positions}};
  }
  if (family.always_windowed || s.window > 0) json["sliding_window"] = s.window;
  if (!family.always_windowed && s.window > 0) {
    json["use_sliding_window"] = true;
    json["max_window_layers"] = 0;
  }
  if (!family.qkv_bias) json["attention_bias"] = false;
  if (!family.qkv_bias && !family.qk_norm) json["mlp_bias"] = false;
  json["attention_dropout"] = 0.0;
  json["initializer_range"] = 0.02;
  json["tie_word_embeddings"] = s.tied;
  json["bos_token_id"] = config.begin_of_text_token.value_or(config.end_of_text_token);
  if (config.end_tokens.size() > 1)
    json["eos_token_id"] = config.end_tokens;
  else
    json["eos_token_id"] = config.end_of_text_token;
  json["use_cache"] = true;
  json["torch_dtype"] = config.dtype;
  return json.dump(2) + "\n";
}

HfConfig parse_config_json(const std::string& text, const std::string& name_in_errors) {
  const Json json = parse_object(text, name_in_errors);
  const Reader reader(json, name_in_errors);
  const Family& family = read_family(reader);
  reader.only<std::string>("hidden_act", "silu");
  reader.only<bool>("attention_bias", false);
  reader.only<bool>("mlp_bias", false);
  if (reader.has("quantization_config"))
    reader.fail("the weights are quantised (quantization_config), which is not supported");
  HfConfig config;
  plan::ModelShape& s = config.shape;
  read_sizes(reader, family, s);
  read_rope(reader, s);
  s.qkv_bias = family.qkv_bias;
  s.qk_norm = family.qk_norm;
  s.window = read_window(reader, family, s.layers);
  s.norm_epsilon = reader.optional<double>("rms_norm_eps", family.norm_epsilon);
  s.tied = reader.optional<bool>("tie_word_embeddings", false);
  config.max_positions = reader.optional<int64_t>("max_position_embeddings", family.max_positions);
  config.end_tokens = reader.numbers("eos_token_id");
  config.end_of_text_token = config.end_tokens.empty() ? 0 : config.end_tokens.front();
  if (reader.has("bos_token_id")) config.begin_of_text_token = reader.required<int64_t>("bos_token_id");
  config.dtype =
      reader.optional<std::string>("torch_dtype", reader.optional<std::string>("dtype", "float32"));
  return config;
}

std::vector<int64_t> generation_end_tokens(const std::string& text, const std::string& name_in_errors) {
  const Json json = parse_object(text, name_in_errors);
  return Reader(json, name_in_errors).numbers("eos_token_id");
}

}  // namespace aurora::models
