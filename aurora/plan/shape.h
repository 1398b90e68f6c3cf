// The shape of a decoder (Llama-style: RMSNorm, RoPE, grouped-query attention, SwiGLU) and what follows from
// it by arithmetic. Dimension letters: docs/GLOSSARY.md.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "aurora/config/recipe.h"

namespace aurora::plan {

// How the rotary embedding's frequencies are changed for texts longer than those of pretraining. Fields as in
// Hugging Face's rope_scaling.
struct RopeScaling {
  enum class Kind : uint8_t {
    kNone,
    kLinear,  // all divided by factor (Chen et al. 2023)
    kLlama3,  // low ones divided by factor, high ones kept, between them a blend (Llama 3.1)
  };
  Kind kind = Kind::kNone;
  double factor = 1;
  // Of kLlama3: the bands, in turns within original_positions tokens.
  double low_frequency_factor = 1;
  double high_frequency_factor = 4;
  int64_t original_positions = 8192;
  bool operator==(const RopeScaling&) const = default;
};

struct ModelShape {
  int64_t layers = 0;     // L
  int64_t width = 0;      // C
  int64_t heads = 0;      // H
  int64_t kv_heads = 0;   // G, divides H
  int64_t head_size = 0;  // D, even; C/H but in some published models
  int64_t hidden = 0;     // F
  int64_t vocab = 0;      // V
  bool tied = true;       // the output layer is the embedding table
  double rope_theta = 10000.0;
  double norm_epsilon = 1e-5;
  RopeScaling rope_scaling;
  bool qkv_bias = false;  // queries, keys and values get a bias (Qwen2)
  bool qk_norm = false;   // RMSNorm over each head of queries and keys before they turn (Qwen3)
  int64_t window = 0;  // a row attends to this many positions, its own the last (Mistral 7B v0.1); 0: to all

  int64_t qkv_width() const { return (heads + 2 * kv_heads) * head_size; }
  bool operator==(const ModelShape&) const = default;
};

// The shape that [model] describes: the preset of its `size`, with every key that is not 0 put in its place;
// an overridden width derives heads (D = 64, or 32 below C = 256), kv_heads (= heads) and hidden (8C/3,
// rounded up to 64) again. UsageError (key named) when something is missing or does not divide.
ModelShape model_shape(const config::Model& model, int64_t vocab);

// Presets of the one dial, without vocabulary: tiny 1M 3M 8M 30M 124M 350M 1B 7B 70B 1T. UsageError for other
// names.
ModelShape preset(const std::string& size);
std::vector<std::string> preset_names();

// Radians per position of the pairs (i, i + D/2) of a head: [D/2].
std::vector<double> rope_frequencies(const ModelShape& shape);

int64_t parameter_count(const ModelShape& shape);

// Floating-point operations per token at sequence length T, exact for the matrix products (2 per
// multiply-add) and for causal attention (row t attends to t + 1 keys, or to the window); norms, rotations
// and activations are not counted, recomputation neither (Chowdhery et al. 2022, appendix B).
double forward_flops_per_token(const ModelShape& shape, int64_t sequence_length);
double training_flops_per_token(const ModelShape& shape, int64_t sequence_length);  // 3x forward

}  // namespace aurora::plan
