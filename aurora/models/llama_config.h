// Hugging Face's config.json of a Llama model (architectures: LlamaForCausalLM).
#pragma once

#include <string>

#include "aurora/plan/shape.h"

namespace aurora::models {

struct HfConfig {
  plan::ModelShape shape;
  int64_t max_positions = 0;       // longest sequence trained on
  int64_t end_of_text_token = 0;   // bos_token_id and eos_token_id
  std::string dtype = "bfloat16";  // of the stored weights: "bfloat16" or "float32"
};

std::string write_config_json(const HfConfig& config);
// Error (name_in_errors as where) for JSON that is no Llama config, or for features that this model lacks.
HfConfig parse_config_json(const std::string& json, const std::string& name_in_errors);

}  // namespace aurora::models
