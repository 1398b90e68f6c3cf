// The parts of the reader of tokenizer.json. Each fills in its fields of the Spec.
#pragma once

#include "aurora/tokenizer/formats/json_node.h"
#include "aurora/tokenizer/spec.h"

namespace aurora::tokenizer {

// "model", which may be BPE or Unigram, and "added_tokens". Wants Spec::byte_level set.
void read_json_model(const JsonNode& document, Spec& spec);

// "normalizer", "pre_tokenizer", "decoder" (each may be null). Sets byte_level.
void read_json_normalizer(const JsonNode& node, Spec& spec);
void read_json_pre_tokenizer(const JsonNode& node, Spec& spec);
void read_json_decoder(const JsonNode& node, Spec& spec);
// "post_processor". Wants the tokens.
void read_json_post_processor(const JsonNode& node, Spec& spec);

// The steps of a node: itself, or what its Sequences hold, in order; nothing of null. `key` names the array
// in a Sequence.
std::vector<JsonNode> json_steps(const JsonNode& node, const char* key);

}  // namespace aurora::tokenizer
