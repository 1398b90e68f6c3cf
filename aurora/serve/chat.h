// POST /v1/chat/completions.
#pragma once

#include <memory>
#include <optional>
#include <string_view>

#include "aurora/serve/answer.h"
#include "aurora/serve/chat_prompt.h"

namespace aurora::serve {

// A chat request, read and checked.
struct ChatRequest {
  std::string model;  // as asked for; may be empty
  infer::Request request;
  ChatInput input;
  JsonBox response_format;  // null: text
  bool stream = false;
  bool stream_usage = false;
  bool logprobs = false;
  bool receipt = false;
};

// ApiError for what is wrong. now: for templates that print the date.
ChatRequest read_chat(const Json& body, const GenerationDefaults& defaults, int64_t now);
// Fills in what depends on the model: prompt, grammar, stops. ApiError.
void plan_chat(ChatRequest& chat, const ServedModel& model);

// Signs what was said; null when no receipt was asked for.
using ReceiptMaker = std::function<Json(const std::vector<infer::Request>& requests, int64_t created,
                                        const std::vector<std::vector<int32_t>>& tokens)>;

std::shared_ptr<Answer> chat_answer(ChatRequest chat, AnswerContext context, ReceiptMaker receipt);

}  // namespace aurora::serve
