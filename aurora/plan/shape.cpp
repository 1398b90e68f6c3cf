#include "aurora/plan/shape.h"

#include <fmt/format.h>

#include <cmath>

#include "aurora/base/error.h"

namespace aurora::plan {
namespace {

struct Preset {
  const char* name;
  int64_t layers, width, heads, kv_heads, hidden;
};

// Head size 64 wherever the width allows: the attention kernels like it. 7B is AuroraGPT-7B's shape (5.93B
// parameters with 32,000 untied tokens), 70B Llama 2's; 1T is dense, for planning.
constexpr Preset kPresets[] = {
    {"tiny", 2, 64, 2, 1, 192},       {"1M", 4, 128, 4, 2, 384},          {"3M", 6, 192, 3, 1, 512},
    {"8M", 8, 256, 4, 2, 704},        {"30M", 8, 512, 8, 4, 1408},        {"124M", 12, 768, 12, 12, 2048},
    {"350M", 24, 1024, 16, 16, 2816}, {"1B", 16, 2048, 32, 8, 8192},      {"7B", 32, 4096, 32, 8, 11008},
    {"70B", 80, 8192, 64, 8, 28672},  {"1T", 128, 25600, 160, 16, 81920},
};

constexpr const char* kWhere = "[model]";

int64_t round_up(int64_t value, int64_t multiple) {
  return (value + multiple - 1) / multiple * multiple;
}

void require(bool condition, const std::string& what, const std::string& remedy) {
  if (!condition) throw UsageError(what, kWhere, remedy);
}

// Puts the keys of the recipe over the preset (or over nothing).
void override_with(ModelShape& shape, const config::Model& model) {
  if (model.layers != 0) shape.layers = model.layers;
  if (model.width != 0 && model.width != shape.width) {
    shape.width = model.width;
    shape.heads = model.width / (model.width < 256 ? 32 : 64);
    shape.kv_heads = shape.heads;
    shape.hidden = round_up(8 * shape.width / 3, 64);
  }
  if (model.heads != 0 && model.heads != shape.heads) {
    shape.heads = model.heads;
    shape.kv_heads = model.heads;
  }
  if (model.kv_heads != 0) shape.kv_heads = model.kv_heads;
  if (model.hidden != 0) shape.hidden = model.hidden;
  shape.tied = model.tied_embeddings;
  shape.rope_theta = model.rope_theta;
  shape.norm_epsilon = model.norm_epsilon;
}

void check(const ModelShape& shape) {
  require(shape.layers > 0, "model has no layers", "set size, or layers and width");
  require(shape.width > 0, "model has no width", "set size, or layers and width");
  require(shape.heads > 0 && shape.width % shape.heads == 0,
          fmt::format("width {} is no multiple of heads {}", shape.width, shape.heads),
          "choose heads so that it divides width");
  require(shape.width / shape.heads % 2 == 0,
          fmt::format("head size {} (width/heads) is odd", shape.width / shape.heads),
          "rotary positions need an even head size; change heads or width");
  require(shape.kv_heads > 0 && shape.heads % shape.kv_heads == 0,
          fmt::format("heads {} is no multiple of kv_heads {}", shape.heads, shape.kv_heads),
          "choose kv_heads so that it divides heads");
  require(shape.hidden > 0, "hidden must be positive", "leave hidden away or set it to about 8/3 of width");
  require(shape.vocab > 0, "vocabulary is empty", "train a tokenizer first");
}

// Weights of all matrix products of a token, the output layer included, the embedding look-up not.
double product_weights(const ModelShape& s) {
  double layer = static_cast<double>(s.width) *
                 static_cast<double>(s.qkv_width() + s.heads * s.head_size + 3 * s.hidden);
  return static_cast<double>(s.layers) * layer + static_cast<double>(s.vocab) * static_cast<double>(s.width);
}

// Keys that a row of a sequence attends to, on average.
double mean_keys(int64_t length, int64_t window) {
  const auto t = static_cast<double>(length), w = static_cast<double>(window);
  if (window == 0 || window >= length) return (t + 1) / 2;
  return (w * (w + 1) / 2 + (t - w) * w) / t;
}

double scaled(double frequency, const RopeScaling& scaling) {
  switch (scaling.kind) {
    case RopeScaling::Kind::kNone:
      return frequency;
    case RopeScaling::Kind::kLinear:
      return frequency / scaling.factor;
    case RopeScaling::Kind::kLlama3:
      break;
  }
  const double turns = static_cast<double>(scaling.original_positions) * frequency / (2 * M_PI);
  if (turns < scaling.low_frequency_factor) return frequency / scaling.factor;
  if (turns > scaling.high_frequency_factor) return frequency;
  const double kept =
      (turns - scaling.low_frequency_factor) / (scaling.high_frequency_factor - scaling.low_frequency_factor);
  return (1 - kept) * frequency / scaling.factor + kept * frequency;
}

}  // namespace

std::vector<std::string> preset_names() {
  std::vector<std::string> names;
  for (const Preset& preset : kPresets) names.push_back(preset.name);
  return names;
}

ModelShape preset(const std::string& size) {
  for (const Preset& preset : kPresets) {
    if (size != preset.name) continue;
    ModelShape shape;
    shape.layers = preset.layers;
    shape.width = preset.width;
    shape.heads = preset.heads;
    shape.kv_heads = preset.kv_heads;
    shape.head_size = preset.width / preset.heads;
    shape.hidden = preset.hidden;
    return shape;
  }
  std::string remedy = "use one of:";
  for (const std::string& name : preset_names()) remedy += " " + name;
  throw UsageError(fmt::format("no model size is called '{}'", size), "[model] size", remedy);
}

ModelShape model_shape(const config::Model& model, int64_t vocab) {
  ModelShape shape;
  if (!model.size.empty()) shape = preset(model.size);
  override_with(shape, model);
  shape.vocab = vocab;
  check(shape);
  shape.head_size = shape.width / shape.heads;
  return shape;
}

std::vector<double> rope_frequencies(const ModelShape& s) {
  std::vector<double> frequencies;
  for (int64_t i = 0; i < s.head_size / 2; ++i)
    frequencies.push_back(
        scaled(std::pow(s.rope_theta, -2.0 * static_cast<double>(i) / static_cast<double>(s.head_size)),
               s.rope_scaling));
  return frequencies;
}

int64_t parameter_count(const ModelShape& s) {
  int64_t norms = 2 * s.width + (s.qkv_bias ? s.qkv_width() : 0) + (s.qk_norm ? 2 * s.head_size : 0);
  int64_t attention = s.qkv_width() * s.width + s.width * s.heads * s.head_size;
  int64_t mlp = 3 * s.hidden * s.width;
  int64_t embeddings = (s.tied ? 1 : 2) * s.vocab * s.width;
  return s.layers * (norms + attention + mlp) + s.width + embeddings;
}

double forward_flops_per_token(const ModelShape& s, int64_t sequence_length) {
  double scores_and_values =
      4.0 * static_cast<double>(s.heads * s.head_size) * mean_keys(sequence_length, s.window);
  return 2 * product_weights(s) + static_cast<double>(s.layers) * scores_and_values;
}

double training_flops_per_token(const ModelShape& s, int64_t sequence_length) {
  return 3 * forward_flops_per_token(s, sequence_length);
}

}  // namespace aurora::plan
