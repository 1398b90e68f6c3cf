// One model that is served: what it is, and the engine that runs it.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "aurora/chat/template.h"
#include "aurora/constrain/vocabulary.h"
#include "aurora/infer/engine_thread.h"
#include "aurora/serve/generation_fields.h"
#include "aurora/serve/tool_calls.h"
#include "aurora/tokenizer/tokenizer.h"

namespace aurora::serve {

// The template of a model that brings none: "User: ...\nAssistant:" and so on, which a base model may
// continue.
extern const std::string_view kPlainTemplate;
// Where its turns end.
extern const std::vector<std::string> kPlainStops;

// Immutable but for the engine, which is thread-safe. Everything pointed to must outlive it.
struct ServedModel {
  // end_tokens: of the model's generation_config; the tokenizer's end of document when empty. Error: a chat
  // template that is not in the subset.
  ServedModel(std::string name, std::string hash, const tokenizer::Tokenizer& tokenizer,
              std::vector<int32_t> end_tokens, infer::EngineThread& engine);

  std::string name;
  std::string hash;     // of the weights, for receipts
  int64_t created = 0;  // seconds since 1970, for /v1/models
  const tokenizer::Tokenizer& tokenizer;
  std::vector<int32_t> end_tokens;
  std::shared_ptr<const constrain::Vocabulary> vocabulary;
  infer::EngineThread& engine;
  GenerationDefaults defaults;

  bool has_template;  // its own, not the plain one
  std::string template_source;
  chat::Template chat_template;
  const ToolFormat& tools;

  std::string token_text(int32_t id) const;          // "" for -1
  const std::string& token_shown(int32_t id) const;  // its bytes, or its text when it is special

 private:
  std::vector<std::string> shown_;
};

}  // namespace aurora::serve
