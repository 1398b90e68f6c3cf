#include "aurora/serve/embeddings.h"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <cstring>
#include <nlohmann/json.hpp>

#include "aurora/serve/completions.h"

namespace aurora::serve {
namespace {

constexpr size_t kMostTexts = 2048;

std::string base64_of(std::span<const float> values) {
  const size_t bytes = values.size_bytes();
  std::string text(4 * ((bytes + 2) / 3) + 1, '\0');
  const int length =
      EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()),
                      reinterpret_cast<const unsigned char*>(values.data()), static_cast<int>(bytes));
  text.resize(static_cast<size_t>(length));
  return text;
}

class EmbeddingAnswer : public Answer {
 public:
  EmbeddingAnswer(EmbeddingRequest embedding, AnswerContext context)
      : Answer(std::move(context)), embedding_(std::move(embedding)) {
    vectors_.resize(embedding_.texts.size() + embedding_.token_texts.size());
  }

 protected:
  void token(int, const infer::Event&) override {}
  void finished(int choice, const infer::Event& event) override {
    Json& vector = vectors_[static_cast<size_t>(choice)];
    if (embedding_.base64)
      vector = base64_of(event.embedding);
    else
      vector = std::vector<float>(event.embedding.begin(), event.embedding.end());
  }
  void complete() override {
    Json body = {{"object", "list"}, {"data", Json::array()}, {"model", context().model.name}};
    for (size_t i = 0; i < vectors_.size(); ++i)
      body["data"].push_back({{"object", "embedding"}, {"index", i}, {"embedding", std::move(vectors_[i])}});
    body["usage"] = {{"prompt_tokens", totals().prompt_tokens}, {"total_tokens", totals().prompt_tokens}};
    send_json(body);
  }

 private:
  EmbeddingRequest embedding_;
  std::vector<Json> vectors_;
};

void read_input(const Json& input, EmbeddingRequest& embedding) {
  if (input.is_string()) {
    embedding.texts.push_back(input.get<std::string>());
    return;
  }
  if (!input.is_array() || input.empty())
    throw ApiError::invalid("input", "'input' is neither text nor a list of texts or token ids");
  if (input[0].is_number()) {
    embedding.token_texts.push_back(ids_of(input, "input"));
    return;
  }
  if (input.size() > kMostTexts)
    throw ApiError::invalid("input", fmt::format("'input' has more than {} entries", kMostTexts));
  const bool ids = input[0].is_array();
  for (size_t i = 0; i < input.size(); ++i) {
    const std::string at = fmt::format("input[{}]", i);
    if (ids != input[i].is_array()) throw ApiError::invalid(at, "'input' mixes texts and token ids");
    if (ids)
      embedding.token_texts.push_back(ids_of(input[i], at));
    else
      embedding.texts.push_back(text_of(input[i], at));
  }
}

}  // namespace

EmbeddingRequest read_embedding(const Json& body) {
  Fields fields(body);
  EmbeddingRequest embedding;
  embedding.model = fields.text("model").value_or("");
  read_input(fields.required("input"), embedding);
  const std::string format = fields.text("encoding_format").value_or("float");
  if (format != "float" && format != "base64")
    throw ApiError::invalid("encoding_format",
                            fmt::format("'encoding_format' is '{}'; known are float and base64", format));
  embedding.base64 = format == "base64";
  fields.refuse("dimensions", "this model's vectors cannot be shortened");
  fields.accept({"user"});
  fields.finish();
  return embedding;
}

std::vector<infer::Request> plan_embedding(const EmbeddingRequest& embedding, const ServedModel& model) {
  std::vector<infer::Request> requests;
  const auto add = [&](std::vector<int32_t> ids) {
    const auto length = static_cast<int64_t>(ids.size());
    const std::string at = fmt::format("input[{}]", requests.size());
    if (ids.empty()) throw ApiError::invalid(at, fmt::format("'{}' is empty", at));
    if (length > model.engine.max_length())
      throw ApiError(400, "context_length_exceeded",
                     fmt::format("'{}' is {} tokens, but the model's longest text is {} tokens; shorten it",
                                 at, length, model.engine.max_length()),
                     at);
    infer::Request request;
    request.prompt = std::move(ids);
    request.embed = true;
    request.max_tokens = 0;
    requests.push_back(std::move(request));
  };
  for (const std::string& text : embedding.texts) add(document_ids(model, text));
  for (const std::vector<int32_t>& ids : embedding.token_texts) add(ids);
  return requests;
}

std::shared_ptr<Answer> embedding_answer(EmbeddingRequest embedding, AnswerContext context) {
  return std::make_shared<EmbeddingAnswer>(std::move(embedding), std::move(context));
}

}  // namespace aurora::serve
