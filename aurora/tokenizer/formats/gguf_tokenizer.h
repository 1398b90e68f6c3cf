// A tokenizer among the settings of a GGUF file: tokenizer.ggml.* and tokenizer.chat_template
// (docs/formats/tokenizer.md).
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "aurora/format/gguf.h"
#include "aurora/tokenizer/spec.h"

namespace aurora::tokenizer {

// tokenizer.huggingface.json where it is there, else by tokenizer.ggml.model: "gpt2", BPE over bytes that
// cuts as tokenizer.ggml.pre says, or "llama", BPE of SentencePiece. Error (file and key): others, a way to
// cut that is not known here, or lists that do not fit each other. The Spec is not checked (check_spec).
Spec read_gguf_tokenizer(const format::GgufMetadata& metadata);

// Appends the settings, as llama.cpp reads them; tokenizer.huggingface.json, too, where these alone would
// not be read back as what gives the same ids. Holes up to `vocabulary` tokens become unused ones. Error:
// what llama.cpp has no word for, such as a unigram or another way to cut words.
void write_gguf_tokenizer(const Spec& spec, int64_t vocabulary, format::GgufMetadata& metadata);

// All tokens that end an answer, the main one first: eos, eot and eom by id, and control tokens with one of
// the names that models are known to end their turns with, as llama.cpp does.
std::vector<int64_t> gguf_end_tokens(const format::GgufMetadata& metadata, const Spec& spec);
// Appends eot_token_id and eom_token_id for those that come after the main one.
void write_gguf_end_tokens(const std::vector<int64_t>& end_tokens, format::GgufMetadata& metadata);

}  // namespace aurora::tokenizer
