#include "aurora/models/gguf_config.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <string_view>

#include "aurora/base/error.h"

namespace aurora::models {
namespace {

using format::GgufMetadata;
using plan::RopeScaling;

constexpr const char* kArchitecture = "general.architecture";

// Settings under the name of the architecture.
class Settings {
 public:
  Settings(const GgufMetadata& metadata, std::string architecture)
      : metadata_(metadata), architecture_(std::move(architecture)) {}

  std::string key(const char* name) const { return architecture_ + "." + name; }
  int64_t required(const char* name) const { return metadata_.required_integer(key(name)); }
  int64_t integer(const char* name, int64_t absent) const {
    return metadata_.integer(key(name)).value_or(absent);
  }
  double real(const char* name, double absent) const { return metadata_.real(key(name)).value_or(absent); }
  const std::string* text(const char* name) const { return metadata_.text(key(name)); }
  [[noreturn]] void refuse(const char* name, const std::string& what) const {
    metadata_.refuse(key(name), what);
  }
  void only(const char* name, int64_t value) const {
    const int64_t found = integer(name, value);
    if (found != value) refuse(name, fmt::format("{}, which this model cannot do", found));
  }

 private:
  const GgufMetadata& metadata_;
  std::string architecture_;
};

// --- names -----------------------------------------------------------------------------------------------

struct NamePair {
  std::string_view hugging_face;
  std::string_view gguf;
};
constexpr NamePair kNames[] = {{"model.embed_tokens.weight", "token_embd.weight"},
                               {"model.norm.weight", "output_norm.weight"},
                               {"lm_head.weight", "output.weight"}};
constexpr NamePair kLayerPrefix = {"model.layers.", "blk."};
constexpr NamePair kLayerNames[] = {{"self_attn.q_proj.weight", "attn_q.weight"},
                                    {"self_attn.k_proj.weight", "attn_k.weight"},
                                    {"self_attn.v_proj.weight", "attn_v.weight"},
                                    {"self_attn.o_proj.weight", "attn_output.weight"},
                                    {"self_attn.q_proj.bias", "attn_q.bias"},
                                    {"self_attn.k_proj.bias", "attn_k.bias"},
                                    {"self_attn.v_proj.bias", "attn_v.bias"},
                                    {"self_attn.q_norm.weight", "attn_q_norm.weight"},
                                    {"self_attn.k_norm.weight", "attn_k_norm.weight"},
                                    {"mlp.gate_proj.weight", "ffn_gate.weight"},
                                    {"mlp.up_proj.weight", "ffn_up.weight"},
                                    {"mlp.down_proj.weight", "ffn_down.weight"},
                                    {"input_layernorm.weight", "attn_norm.weight"},
                                    {"post_attention_layernorm.weight", "ffn_norm.weight"}};

using Side = std::string_view NamePair::*;

std::string translate(std::string_view name, Side from, Side to) {
  for (const NamePair& pair : kNames)
    if (pair.*from == name) return std::string(pair.*to);
  if (!name.starts_with(kLayerPrefix.*from)) return "";
  name.remove_prefix((kLayerPrefix.*from).size());
  const size_t digits = name.find_first_not_of("0123456789");
  if (digits == 0 || digits == std::string_view::npos || name[digits] != '.') return "";
  for (const NamePair& pair : kLayerNames)
    if (pair.*from == name.substr(digits + 1))
      return fmt::format("{}{}.{}", kLayerPrefix.*to, name.substr(0, digits), pair.*to);
  return "";
}

// --- reading ---------------------------------------------------------------------------------------------

const Family& read_family(const GgufMetadata& metadata) {
  const std::string& name = metadata.required_text(kArchitecture);
  if (const Family* family = find_gguf_family(name)) return *family;
  std::vector<std::string_view> known;
  for (const Family& one : families())
    if (std::find(known.begin(), known.end(), one.gguf) == known.end()) known.push_back(one.gguf);
  metadata.refuse(kArchitecture, fmt::format("models of architecture '{}' are not supported; these are: {}",
                                             name, fmt::join(known, ", ")));
}

void read_sizes(const Settings& settings, const format::GgufFile& file, plan::ModelShape& s) {
  s.layers = settings.required("block_count");
  s.width = settings.required("embedding_length");
  s.hidden = settings.required("feed_forward_length");
  s.heads = settings.required("attention.head_count");
  s.kv_heads = settings.integer("attention.head_count_kv", s.heads);
  if (s.heads > 0 && s.width % s.heads == 0) s.head_size = s.width / s.heads;
  s.head_size = settings.integer("attention.key_length", s.head_size);
  settings.only("attention.value_length", s.head_size);
  settings.only("rope.dimension_count", s.head_size);
  settings.only("expert_count", 0);
  const format::GgufTensor* table = file.find("token_embd.weight");
  if (!table || table->spec.shape.size() != 2)
    throw Error("no tensor token_embd.weight of two axes", file.path().string(), "convert the model again");
  s.vocab = table->spec.shape.front();
  s.tied = file.find("output.weight") == nullptr;
  if (const std::string trouble = check_shape(s); !trouble.empty())
    throw Error("the sizes do not fit each other: " + trouble, file.path().string(),
                "convert the model again");
}

void read_linear(const Settings& settings, RopeScaling& scaling) {
  const std::string* type = settings.text("rope.scaling.type");
  // Before there was a type: a factor alone.
  const double factor = settings.real("rope.scaling.factor", settings.real("rope.scale_linear", 0));
  if (type && *type != "none" && *type != "linear")
    settings.refuse("rope.scaling.type", fmt::format("'{}', which this model cannot do", *type));
  if ((type && *type == "none") || factor == 0 || factor == 1) return;
  if (!(factor > 1)) settings.refuse("rope.scaling.factor", fmt::format("{} is below 1", factor));
  scaling.kind = RopeScaling::Kind::kLinear;
  scaling.factor = factor;
}

// The file has the factors only. Those of Llama 3's scaling are known by its parameters, which are sought:
// the largest factor is `factor`, the others are Meta's if the file does not say.
void read_llama3(const Settings& settings, const format::GgufFile& file, plan::ModelShape& s) {
  const format::GgufTensor* tensor = file.find(kRopeFactors);
  if (!tensor) return;
  const auto refuse = [&](const char* what) {
    throw Error(what, fmt::format("{}, tensor {}", file.path().string(), kRopeFactors),
                "use a model whose rope scaling is Llama 3's");
  };
  if (tensor->spec.type != format::BlockType::kF32 || tensor->spec.shape != std::vector{s.head_size / 2})
    refuse("not one f32 for each pair of a head");
  std::vector<float> factors(static_cast<size_t>(s.head_size / 2));
  std::memcpy(factors.data(), tensor->data.data(), tensor->data.size());
  const float largest = *std::max_element(factors.begin(), factors.end());
  if (largest == 1.0f && *std::min_element(factors.begin(), factors.end()) == 1.0f) return;
  RopeScaling& scaling = s.rope_scaling;
  if (scaling.kind != RopeScaling::Kind::kNone) refuse("a second scaling of the rotary frequencies");
  scaling.kind = RopeScaling::Kind::kLlama3;
  scaling.factor = double{largest};
  scaling.low_frequency_factor = settings.real("rope.scaling.low_freq_factor", 1);
  scaling.high_frequency_factor = settings.real("rope.scaling.high_freq_factor", 4);
  scaling.original_positions = settings.integer("rope.scaling.original_context_length", 8192);
  if (!(scaling.factor >= 1) || !(scaling.high_frequency_factor > scaling.low_frequency_factor) ||
      scaling.original_positions < 1)
    refuse("its scaling does not fit together");
  const std::vector<float> wanted = rope_factors(s);
  for (size_t i = 0; i < factors.size(); ++i)
    if (!(std::abs(factors[i] - wanted[i]) <= 1e-5f * wanted[i]))
      refuse("the factors are not those of Llama 3's scaling");
}

}  // namespace

std::string gguf_tensor_name(const std::string& hugging_face) {
  return translate(hugging_face, &NamePair::hugging_face, &NamePair::gguf);
}
std::string hugging_face_tensor_name(const std::string& gguf) {
  return translate(gguf, &NamePair::gguf, &NamePair::hugging_face);
}

std::vector<float> rope_factors(const plan::ModelShape& shape) {
  plan::ModelShape plain = shape;
  plain.rope_scaling = {};
  const std::vector<double> scaled = plan::rope_frequencies(shape), unscaled = plan::rope_frequencies(plain);
  std::vector<float> factors;
  for (size_t i = 0; i < scaled.size(); ++i) factors.push_back(static_cast<float>(unscaled[i] / scaled[i]));
  return factors;
}

HfConfig parse_gguf_config(const format::GgufFile& file) {
  const GgufMetadata& metadata = file.metadata();
  if (const auto parts = metadata.integer("split.count"); parts && *parts > 1)
    metadata.refuse("split.count",
                    fmt::format("one of {} parts; join them with llama-gguf-split --merge", *parts));
  const Family& family = read_family(metadata);
  const Settings settings(metadata, family.gguf);
  HfConfig config;
  plan::ModelShape& s = config.shape;
  read_sizes(settings, file, s);
  s.norm_epsilon = metadata.required_real(settings.key("attention.layer_norm_rms_epsilon"));
  s.rope_theta = settings.real("rope.freq_base", 10000.0);
  read_linear(settings, s.rope_scaling);
  read_llama3(settings, file, s);
  s.qkv_bias = family.qkv_bias;
  s.qk_norm = family.qk_norm;
  s.window = settings.integer("attention.sliding_window", 0);
  if (s.window < 0) settings.refuse("attention.sliding_window", "below 0");
  config.max_positions = settings.required("context_length");
  if (config.max_positions < 1) settings.refuse("context_length", "below 1");
  config.dtype = "bfloat16";
  return config;
}

void write_gguf_config(const HfConfig& config, GgufMetadata& metadata) {
  const plan::ModelShape& s = config.shape;
  const std::string architecture = family_of(s).gguf;
  const auto count = [&](const char* name, int64_t value) {
    metadata.set(architecture + "." + name, static_cast<uint32_t>(value));
  };
  const auto real = [&](const char* name, double value) {
    metadata.set(architecture + "." + name, static_cast<float>(value));
  };
  metadata.set(kArchitecture, architecture);
  count("block_count", s.layers);
  count("context_length", config.max_positions);
  count("embedding_length", s.width);
  count("feed_forward_length", s.hidden);
  count("attention.head_count", s.heads);
  count("attention.head_count_kv", s.kv_heads);
  count("attention.key_length", s.head_size);
  count("attention.value_length", s.head_size);
  count("rope.dimension_count", s.head_size);
  count("vocab_size", s.vocab);
  real("attention.layer_norm_rms_epsilon", s.norm_epsilon);
  real("rope.freq_base", s.rope_theta);
  if (s.window > 0) count("attention.sliding_window", s.window);
  if (s.rope_scaling.kind == RopeScaling::Kind::kLinear) {
    metadata.set(architecture + ".rope.scaling.type", std::string("linear"));
    real("rope.scaling.factor", s.rope_scaling.factor);
  } else if (s.rope_scaling.kind == RopeScaling::Kind::kLlama3) {
    // llama.cpp reads the factors (rope_factors) only; these say where they come from.
    real("rope.scaling.low_freq_factor", s.rope_scaling.low_frequency_factor);
    real("rope.scaling.high_freq_factor", s.rope_scaling.high_frequency_factor);
    count("rope.scaling.original_context_length", s.rope_scaling.original_positions);
  }
}

}  // namespace aurora::models
