#include "aurora/serve/logprobs.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "aurora/base/utf8.h"

namespace aurora::serve {
namespace {

// JSON has no infinities: a token that was ruled out.
double finite(double logprob) {
  return std::max(logprob, -9999.0);
}

// Pieces of characters cannot stand in JSON: they are written as OpenAI writes them, "bytes:\xe3\x81".
std::string shown(const std::string& bytes) {
  if (is_valid_utf8(bytes)) return bytes;
  std::string text = "bytes:";
  for (const char c : bytes) text += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
  return text;
}

Json one(const ServedModel& model, int32_t id, double logprob) {
  const std::string bytes = model.token_shown(id);
  Json list = Json::array();
  for (const char c : bytes) list.push_back(static_cast<unsigned char>(c));
  return {{"token", shown(bytes)}, {"logprob", finite(logprob)}, {"bytes", list}};
}

}  // namespace

Json chat_logprob(const ServedModel& model, const infer::TokenLogprobs& token) {
  Json json = one(model, token.token, token.logprob);
  json["top_logprobs"] = Json::array();
  for (const infer::TokenLogprob& other : token.top)
    json["top_logprobs"].push_back(one(model, other.token, other.logprob));
  return json;
}

void CompletionLogprobs::add(const infer::TokenLogprobs& token, bool first) {
  const std::string bytes = model_.token_shown(token.token);
  tokens_.push_back(shown(bytes));
  (*logprobs_).push_back(first ? Json(nullptr) : Json(finite(token.logprob)));
  Json top;
  if (!first) {
    top = Json::object();
    for (const infer::TokenLogprob& other : token.top)
      top.emplace(shown(model_.token_shown(other.token)), finite(other.logprob));
  }
  (*top_).push_back(top);
  (*offsets_).push_back(offset_);
  // Characters begin at every byte that does not go on one.
  offset_ += std::count_if(bytes.begin(), bytes.end(),
                           [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; });
}

Json CompletionLogprobs::take() {
  Json json = {{"tokens", tokens_},
               {"token_logprobs", *logprobs_},
               {"top_logprobs", *top_},
               {"text_offset", *offsets_}};
  tokens_.clear();
  *logprobs_ = *top_ = *offsets_ = Json::array();
  return json;
}

}  // namespace aurora::serve
