#include "aurora/models/family.h"

#include <algorithm>

#include "aurora/base/error.h"

namespace aurora::models {
namespace {

// Several of one GGUF name: the first is what such a file is read as.
constexpr Family kFamilies[] = {
    // model_type, class, gguf, epsilon, D, positions, qkv_bias, qk_norm, always_windowed, gguf_pairs
    {"llama", "LlamaForCausalLM", "llama", 1e-6, 0, 2048, false, false, false,
     true},  // SmolLM and SmolLM2, too
    {"mistral", "MistralForCausalLM", "llama", 1e-6, 0, 131072, false, false, true, true},
    {"qwen2", "Qwen2ForCausalLM", "qwen2", 1e-6, 0, 32768, true, false, false, false},
    {"qwen3", "Qwen3ForCausalLM", "qwen3", 1e-6, 128, 32768, false, true, false, false},
};

template <typename Holds>
const Family* find(const Holds& holds) {
  const auto* found = std::find_if(std::begin(kFamilies), std::end(kFamilies), holds);
  return found == std::end(kFamilies) ? nullptr : found;
}

}  // namespace

std::span<const Family> families() {
  return kFamilies;
}

const Family* find_family(std::string_view model_type) {
  return find([model_type](const Family& family) { return family.model_type == model_type; });
}

const Family* find_gguf_family(std::string_view architecture) {
  return find([architecture](const Family& family) { return family.gguf == architecture; });
}

const Family& family_of(const plan::ModelShape& shape) {
  const Family* found = find([&shape](const Family& family) {
    const bool window = shape.window == 0 || family.always_windowed || family.qkv_bias || family.qk_norm;
    return family.qkv_bias == shape.qkv_bias && family.qk_norm == shape.qk_norm && window;
  });
  if (!found)
    throw Error("no published family has both biases and norms of heads", "",
                "write a model of one of the families");
  return *found;
}

}  // namespace aurora::models
