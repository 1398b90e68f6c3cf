// POST /v1/completions: text (or ids) to be continued, several at once, with the log-probabilities of the
// prompt when asked (echo), as lm-eval's local-completions wants them.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "aurora/serve/answer.h"
#include "aurora/serve/chat.h"

namespace aurora::serve {

struct CompletionRequest {
  std::string model;
  infer::Request request;            // of each prompt, without it
  std::vector<std::string> prompts;  // one kind of these two
  std::vector<std::vector<int32_t>> token_prompts;
  JsonBox response_format;
  bool echo = false;
  bool stream = false;
  bool stream_usage = false;
  bool receipt = false;
};

CompletionRequest read_completion(const Json& body, const GenerationDefaults& defaults);
// One engine request per prompt. ApiError.
std::vector<infer::Request> plan_completion(CompletionRequest& completion, const ServedModel& model);

std::shared_ptr<Answer> completion_answer(CompletionRequest completion, AnswerContext context,
                                          ReceiptMaker receipt);

// The ids of a text that stands at the beginning of a document, as the model was trained to see it: with the
// tokenizer's own template (bos), or behind the end of the document before.
std::vector<int32_t> document_ids(const ServedModel& model, std::string_view text);

}  // namespace aurora::serve
