// Log-probabilities as OpenAI's two APIs write them.
#pragma once

#include <string>
#include <vector>

#include "aurora/infer/sampler.h"
#include "aurora/serve/served_model.h"

namespace aurora::serve {

// Chat: {"token", "logprob", "bytes", "top_logprobs": [{"token", "logprob", "bytes"}]}.
Json chat_logprob(const ServedModel& model, const infer::TokenLogprobs& token);

// Completions: four lists that grow by one per token.
class CompletionLogprobs {
 public:
  explicit CompletionLogprobs(const ServedModel& model) : model_(model) {}
  // first: the first token of a text, which nothing predicts (null).
  void add(const infer::TokenLogprobs& token, bool first = false);
  // {"tokens", "token_logprobs", "top_logprobs", "text_offset" (in characters)}, and empties them.
  Json take();
  bool empty() const { return tokens_.empty(); }

 private:
  const ServedModel& model_;
  std::vector<std::string> tokens_;
  JsonBox logprobs_, top_, offsets_;  // lists
  int64_t offset_ = 0;
};

}  // namespace aurora::serve
