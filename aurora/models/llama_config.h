// Hugging Face's config.json of the families that Llama computes (family.h), and generation_config.json.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "aurora/plan/shape.h"

namespace aurora::models {

struct HfConfig {
  plan::ModelShape shape;
  int64_t max_positions = 0;                     // longest sequence trained on
  int64_t end_of_text_token = 0;                 // the first of end_tokens
  std::string dtype = "bfloat16";                // of the stored weights: "bfloat16", "float16" or "float32"
  std::vector<int64_t> end_tokens{};             // eos_token_id, all of them; empty: end_of_text_token alone
  std::optional<int64_t> begin_of_text_token{};  // bos_token_id; written as the end's where there is none
};

// As the family of the shape writes it. Error when no family has such a shape.
std::string write_config_json(const HfConfig& config);
// Error (name_in_errors as where) for JSON of a family that is not supported, or for features that this
// model lacks, by their name.
HfConfig parse_config_json(const std::string& json, const std::string& name_in_errors);

// What is wrong with a shape that others wrote, as a clause; "" when its sizes fit each other.
std::string check_shape(const plan::ModelShape& shape);

// eos_token_id of a generation_config.json: one number or a list; empty when it has none.
std::vector<int64_t> generation_end_tokens(const std::string& json, const std::string& name_in_errors);

}  // namespace aurora::models
