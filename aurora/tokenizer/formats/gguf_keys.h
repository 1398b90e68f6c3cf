// Names and numbers of a tokenizer in GGUF. Part of gguf_tokenizer_*.cpp.
#pragma once

#include <cstdint>

#include "aurora/tokenizer/spec.h"

namespace aurora::tokenizer::gguf {

inline constexpr const char* kModel = "tokenizer.ggml.model";
inline constexpr const char* kPre = "tokenizer.ggml.pre";
inline constexpr const char* kTokens = "tokenizer.ggml.tokens";
inline constexpr const char* kTypes = "tokenizer.ggml.token_type";
inline constexpr const char* kScores = "tokenizer.ggml.scores";
inline constexpr const char* kMerges = "tokenizer.ggml.merges";
inline constexpr const char* kBegin = "tokenizer.ggml.bos_token_id";
inline constexpr const char* kEnd = "tokenizer.ggml.eos_token_id";
inline constexpr const char* kEndOfTurn = "tokenizer.ggml.eot_token_id";
inline constexpr const char* kEndOfMessage = "tokenizer.ggml.eom_token_id";
inline constexpr const char* kUnknown = "tokenizer.ggml.unknown_token_id";
inline constexpr const char* kAddBegin = "tokenizer.ggml.add_bos_token";
inline constexpr const char* kAddEnd = "tokenizer.ggml.add_eos_token";
inline constexpr const char* kAddPrefix = "tokenizer.ggml.add_space_prefix";
inline constexpr const char* kRemoveExtra = "tokenizer.ggml.remove_extra_whitespaces";
inline constexpr const char* kCharacters = "tokenizer.ggml.precompiled_charsmap";
inline constexpr const char* kTemplate = "tokenizer.chat_template";
inline constexpr const char* kHuggingFace = "tokenizer.huggingface.json";

enum TokenType : int64_t {  // of SentencePiece
  kNormal = 1,
  kUnknownToken = 2,
  kControl = 3,
  kUserDefined = 4,
  kUnused = 5,
  kByte = 6,
};

// tokenizer.ggml.pre: a way to cut words, and what llama.cpp ties to it. The first of a kind is written.
struct Pre {
  const char* name;
  const char* scheme;  // of aurora/pretokenize
  bool whole_words;
  bool nfc;         // these models' texts are normalized so (llama.cpp leaves it out)
  bool adds_begin;  // unless the file says otherwise
};
inline constexpr Pre kPres[] = {
    {"gpt-2", "gpt2", false, false, false},
    {"llama-bpe", "llama3", true, false, true},
    {"smaug-bpe", "llama3", false, false, false},
    {"qwen2", "qwen2", false, true, false},
    {"stablelm2", "qwen2", false, false, false},
    {"smollm", "smollm", false, false, false},
    {"tekken", "tekken", true, false, true},
    {"deepseek-llm", "deepseek-llm", false, false, false},
    {"deepseek-coder", "deepseek-coder", false, false, false},
    {"deepseek-v3", "deepseek-v3", false, false, false},
    {"gpt-4o", "o200k", false, false, false},
    {"llama3", "llama3", true, false, true},
    {"llama-v3", "llama3", true, false, true},
    {"llama4", "o200k", false, false, false},
    {"dbrx", "llama3", false, false, false},
    {"phi-2", "gpt2", false, false, false},
    {"mpt", "gpt2", false, false, false},
    {"olmo", "gpt2", false, false, false},
    {"deepseek-r1-qwen", "qwen2", false, true, false},
    {"megrez", "qwen2", false, false, false},
    {"starcoder", "smollm", false, false, false},
    {"refact", "smollm", false, false, false},
    {"codeshell", "smollm", false, false, false},
};

}  // namespace aurora::tokenizer::gguf
