// Our names of a Llama's weights, and Hugging Face's.
#include <fmt/format.h>

#include <cstring>
#include <map>

#include "aurora/models/llama.h"

namespace aurora::models {
namespace {

struct NamePair {
  const char* ours;
  const char* theirs;
};
// In the order in which transformers lists them. Those that a shape has no use for are left out.
constexpr NamePair kLayerNames[] = {
    {"attention.q", "self_attn.q_proj.weight"},
    {"attention.q_bias", "self_attn.q_proj.bias"},
    {"attention.k", "self_attn.k_proj.weight"},
    {"attention.k_bias", "self_attn.k_proj.bias"},
    {"attention.v", "self_attn.v_proj.weight"},
    {"attention.v_bias", "self_attn.v_proj.bias"},
    {"attention.out", "self_attn.o_proj.weight"},
    {"attention.q_norm", "self_attn.q_norm.weight"},
    {"attention.k_norm", "self_attn.k_norm.weight"},
    {"mlp.gate", "mlp.gate_proj.weight"},
    {"mlp.up", "mlp.up_proj.weight"},
    {"mlp.down", "mlp.down_proj.weight"},
    {"attention_norm", "input_layernorm.weight"},
    {"mlp_norm", "post_attention_layernorm.weight"},
};

}  // namespace

std::vector<NamedWeight> Llama::named_weights(const View& master) const {
  AURORA_CHECK_EQ(master.dim(0), layout_.elements());
  float* flat = master.as<float>();
  std::map<std::string, nn::NamedPart> parts;
  for (const nn::NamedPart& part : nn::named_parts(layout_)) parts[part.name] = part;
  std::vector<NamedWeight> named;
  auto take = [&](const std::string& ours, const std::string& theirs) {
    const nn::NamedPart& part = parts.at(ours);
    named.push_back({theirs, part.shape, {flat + part.offset, static_cast<size_t>(part.elements)}});
  };
  take("embedding", "model.embed_tokens.weight");
  for (int64_t i = 0; i < shape_.layers; ++i) {
    for (const NamePair& pair : kLayerNames) {
      if (!parts.contains(fmt::format("layers.{}.{}", i, pair.ours))) continue;
      take(fmt::format("layers.{}.{}", i, pair.ours), fmt::format("model.layers.{}.{}", i, pair.theirs));
    }
  }
  take("final_norm", "model.norm.weight");
  if (!shape_.tied) take("output", "lm_head.weight");
  AURORA_CHECK_EQ(named.size(), parts.size());
  return named;
}

std::string hugging_face_name(const std::string& part) {
  if (part == "embedding") return "model.embed_tokens.weight";
  if (part == "final_norm") return "model.norm.weight";
  if (part == "output") return "lm_head.weight";
  for (const NamePair& pair : kLayerNames) {
    if (!part.ends_with(std::string(".") + pair.ours)) continue;
    return fmt::format("model.{}{}", part.substr(0, part.size() - std::strlen(pair.ours)), pair.theirs);
  }
  AURORA_CHECK(false, "{} has no name", part);
}

}  // namespace aurora::models
