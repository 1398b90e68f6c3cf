// POST /v1/responses: text, streaming and function tools. Nothing is stored: a conversation is sent whole.
#pragma once

#include <memory>

#include "aurora/serve/chat.h"

namespace aurora::serve {

struct ResponsesRequest {
  ChatRequest chat;  // the same question in chat's words
  JsonBox echoed;    // fields that stand in the response as they were asked for
};

ResponsesRequest read_responses(const Json& body, const GenerationDefaults& defaults, int64_t now);
std::shared_ptr<Answer> responses_answer(ResponsesRequest responses, AnswerContext context,
                                         ReceiptMaker receipt);

}  // namespace aurora::serve
