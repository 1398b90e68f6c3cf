#include "aurora/serve/replay.h"

#include <fmt/format.h>

#include <condition_variable>
#include <memory>
#include <mutex>

#include "aurora/base/error.h"
#include "aurora/serve/completions.h"
#include "aurora/serve/responses.h"

namespace aurora::serve {
namespace {

// The engine requests of a receipt's request: as the endpoints plan them.
std::vector<infer::Request> plan(const ReceiptRecord& receipt, const ServedModel& model) {
  GenerationDefaults defaults = model.defaults;
  defaults.seed = receipt.seed;
  if (receipt.endpoint == "/v1/completions") {
    CompletionRequest completion = read_completion(*receipt.request, defaults);
    return plan_completion(completion, model);
  }
  ChatRequest chat;
  if (receipt.endpoint == "/v1/chat/completions")
    chat = read_chat(*receipt.request, defaults, receipt.created);
  else if (receipt.endpoint == "/v1/responses")
    chat = read_responses(*receipt.request, defaults, receipt.created).chat;
  else
    throw Error(fmt::format("receipts of {} cannot be replayed", receipt.endpoint), receipt.endpoint, "");
  plan_chat(chat, model);
  return {chat.request};
}

// Collects what the engine's thread tells.
struct Collector {
  std::mutex mutex;
  std::condition_variable ended;
  size_t running = 0;
  std::string failure;
  Replay result;

  void take(size_t first, const infer::Event& event) {
    std::lock_guard lock(mutex);
    const size_t choice = first + static_cast<size_t>(event.choice);
    if (event.kind == infer::Event::Kind::kToken) result.tokens[choice].push_back(event.token);
    if (event.kind == infer::Event::Kind::kToken || event.kind == infer::Event::Kind::kFinished)
      result.texts[choice] += event.text;
    if (event.kind == infer::Event::Kind::kFailed)
      failure = event.error ? event.error->what() : "the engine failed";
    if (event.last && --running == 0) ended.notify_all();
  }
};

}  // namespace

Replay replay(const ReceiptRecord& receipt, const ServedModel& model) {
  if (model.hash != receipt.model_hash)
    throw Error(fmt::format("the receipt is of a model with hash {}, this one's is {}", receipt.model_hash,
                            model.hash),
                model.name, "name the model that gave the answer");
  std::vector<infer::Request> requests;
  try {
    requests = plan(receipt, model);
  } catch (const ApiError& error) {
    throw Error(error.what(), error.param(),
                "the request of the receipt does not fit this server's version or model");
  }
  // The engine may tell it more after an exception here.
  const auto shared = std::make_shared<Collector>();
  Collector& collector = *shared;
  std::vector<size_t> first;
  for (const infer::Request& request : requests) {
    first.push_back(collector.result.tokens.size());
    collector.result.tokens.resize(first.back() + static_cast<size_t>(request.n));
  }
  collector.result.texts.resize(collector.result.tokens.size());
  collector.running = requests.size();
  for (size_t i = 0; i < requests.size(); ++i)
    model.engine.submit(std::move(requests[i]), [&collector, at = first[i]](const infer::Event& event) {
      collector.take(at, event);
    });
  std::unique_lock lock(collector.mutex);
  collector.ended.wait(lock, [&] { return collector.running == 0; });
  if (!collector.failure.empty()) throw Error(collector.failure, model.name, "");
  Replay result = std::move(collector.result);
  std::vector<std::string> hashes;
  for (const std::vector<int32_t>& tokens : result.tokens) hashes.push_back(token_hash(tokens));
  result.same = hashes == receipt.token_hashes;
  return result;
}

}  // namespace aurora::serve
