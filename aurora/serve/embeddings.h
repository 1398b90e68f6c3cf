// POST /v1/embeddings: the mean of the model's last hidden rows over a text, of length 1.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "aurora/serve/answer.h"

namespace aurora::serve {

struct EmbeddingRequest {
  std::string model;
  std::vector<std::string> texts;  // one kind of these two
  std::vector<std::vector<int32_t>> token_texts;
  bool base64 = false;  // little-endian f32, as OpenAI's clients ask for it
};

EmbeddingRequest read_embedding(const Json& body);
std::vector<infer::Request> plan_embedding(const EmbeddingRequest& embedding, const ServedModel& model);
std::shared_ptr<Answer> embedding_answer(EmbeddingRequest embedding, AnswerContext context);

}  // namespace aurora::serve
