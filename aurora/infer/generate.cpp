#include "aurora/infer/generate.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "aurora/infer/engine.h"

namespace aurora::infer {
namespace {

// [end of document] prompt, cut from the left so that at least one token can follow.
std::vector<int32_t> prompt_tokens(const Model& model, std::string_view prompt) {
  std::vector<int32_t> tokens = {model.tokenizer.end_of_document()};
  const std::vector<int32_t> text = model.tokenizer.encode(prompt);
  const int64_t room = model.max_length - 2;
  const int64_t skip = std::max<int64_t>(0, static_cast<int64_t>(text.size()) - room);
  tokens.insert(tokens.end(), text.begin() + skip, text.end());
  return tokens;
}

Stop stop_of(FinishReason reason) {
  switch (reason) {
    case FinishReason::kMaxTokens:
      return Stop::kMaxTokens;
    case FinishReason::kMaxLength:
      return Stop::kMaxLength;
    case FinishReason::kCancelled:
      return Stop::kCaller;
    default:
      return Stop::kEndOfText;
  }
}

}  // namespace

Generation generate(const Model& model, std::string_view prompt, const GenerateSettings& settings, Pool& pool,
                    const TextSink& sink) {
  Engine engine(model, {.prefix_share = 0, .max_running = 1, .max_queued = 1}, pool);
  Request request;
  request.prompt = prompt_tokens(model, prompt);
  request.max_tokens = settings.max_tokens;
  request.sampling = settings.sampling;

  Generation result;
  result.prompt_tokens = static_cast<int64_t>(request.prompt.size());
  RequestId id = 0;
  std::optional<Error> failed;
  id = engine.submit(std::move(request), [&](const Event& event) {
    if (event.kind == Event::Kind::kFailed) failed = *event.error;
    if (event.kind == Event::Kind::kToken) result.tokens.push_back(event.token);
    if (event.kind == Event::Kind::kFinished) result.stop = stop_of(event.reason);
    result.text += event.text;
    if (!event.text.empty() && sink && !sink(event.text)) engine.cancel(id);
  });
  while (engine.step()) {
  }
  if (failed) throw Error(*failed);
  return result;
}

}  // namespace aurora::infer
