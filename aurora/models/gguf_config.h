// The settings of a model in a GGUF file ("llama.block_count" ...), and which of its tensors is which.
#pragma once

#include <string>

#include "aurora/format/gguf.h"
#include "aurora/models/family.h"
#include "aurora/models/llama_config.h"

namespace aurora::models {

// Error (file and key) for an architecture that is not supported, or for features that this model lacks, by
// name. end_tokens and the like are the tokenizer's and stay empty.
HfConfig parse_gguf_config(const format::GgufFile& file);

// Appends the settings that parse_gguf_config() reads back, as llama.cpp reads them. Error when no family has
// such a shape.
void write_gguf_config(const HfConfig& config, format::GgufMetadata& metadata);

// "model.layers.3.self_attn.q_proj.weight" and "blk.3.attn_q.weight"; "" for a name that the other side does
// not have.
std::string gguf_tensor_name(const std::string& hugging_face);
std::string hugging_face_tensor_name(const std::string& gguf);

// The tensor of f32 by which llama.cpp divides the rotary frequencies [D/2] (Llama 3's scaling).
constexpr const char* kRopeFactors = "rope_freqs.weight";
std::vector<float> rope_factors(const plan::ModelShape& shape);

}  // namespace aurora::models
