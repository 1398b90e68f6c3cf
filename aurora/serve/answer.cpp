#include "aurora/serve/answer.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "aurora/base/error.h"
#include "aurora/net/sse.h"

namespace aurora::serve {

Answer::Answer(AnswerContext context) : context_(std::move(context)) {}

void Answer::start(std::vector<infer::Request> requests) {
  std::lock_guard lock(mutex_);
  const std::shared_ptr<Answer> self = shared_from_this();
  int choices = 0;
  for (infer::Request& request : requests) {
    first_choice_.push_back(choices);
    choices += request.n;
    requests_.push_back(request);
    requests_.back().prompt.clear();
  }
  tokens_.resize(static_cast<size_t>(choices));
  running_ = requests.size();
  context_.responder.on_hang_up([weak = weak_from_this()] {
    if (const auto answer = weak.lock()) answer->cancel_all();
  });
  try {
    for (size_t i = 0; i < requests.size(); ++i)
      ids_.push_back(context_.model.engine.submit(
          std::move(requests[i]), [self, i](const infer::Event& event) { self->event(i, event); }));
  } catch (const infer::QueueFull& full) {
    context_.headers.set("Retry-After", "1");
    fail(429, "the server is full: too many requests wait; try again in a moment", "queue_full");
    for (const infer::RequestId id : ids_) context_.model.engine.cancel(id);
  } catch (const Error& error) {
    fail(400, error.remedy().empty() ? error.happened() : error.happened() + "; " + error.remedy(),
         "invalid_value");
    for (const infer::RequestId id : ids_) context_.model.engine.cancel(id);
  }
}

void Answer::cancel_all() {
  std::vector<infer::RequestId> ids;
  {
    std::lock_guard lock(mutex_);
    ids = ids_;
  }
  for (const infer::RequestId id : ids) context_.model.engine.cancel(id);
}

void Answer::event(size_t request, const infer::Event& event) {
  std::lock_guard lock(mutex_);
  if (!failed_) {
    if (!std::exchange(begun_, true)) {
      if (context_.stream) open_stream();
      begin();
    }
    const int choice = first_choice_[request] + event.choice;
    switch (event.kind) {
      case infer::Event::Kind::kPrompt:
        prompt(choice, event);
        break;
      case infer::Event::Kind::kToken:
        tokens_[static_cast<size_t>(choice)].push_back(event.token);
        token(choice, event);
        break;
      case infer::Event::Kind::kFinished:
        if (event.choice == 0) {
          totals_.prompt_tokens += event.usage.prompt_tokens;
          totals_.cached_tokens += event.usage.cached_tokens;
        }
        totals_.completion_tokens += event.usage.answer_tokens;
        finished(choice, event);
        break;
      case infer::Event::Kind::kFailed:
        fail(500, event.error ? event.error->happened() : "the engine failed", "engine_error");
        break;
    }
  }
  if (!event.last || --running_ > 0) return;
  // Asked before the last piece is sent: who has it may go.
  const bool gone = context_.responder.gone();
  if (!failed_ && !gone) complete();
  over(gone ? 499 : 200);  // nginx's "client closed request"
}

void Answer::fail(int status, const std::string& message, const std::string& code) {
  failed_ = true;
  if (begun_ && context_.stream) {
    context_.responder.write(net::sse_event(error_json(status, message, code)));
    end_stream(true);
  } else {
    context_.responder.send(reply(status, error_json(status, message, code), context_.headers));
  }
  over(status);
}

void Answer::over(int status) {
  if (std::exchange(over_, true)) return;
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start_;
  if (context_.over)
    context_.over(
        {status, totals_.prompt_tokens, totals_.cached_tokens, totals_.completion_tokens, seconds.count()});
}

void Answer::open_stream() const {
  net::HttpResponse head = net::sse_head();
  for (const auto& [name, value] : context_.headers) head.headers.set(name, value);
  context_.responder.begin(std::move(head));
}

void Answer::send_json(const Json& body) const {
  context_.responder.send(reply(200, to_text(body), context_.headers));
}

bool Answer::send_event(const Json& data, std::string_view name) const {
  return context_.responder.write(net::sse_event(to_text(data), name));
}

void Answer::end_stream(bool done_mark) const {
  if (done_mark) context_.responder.write(net::sse_event("[DONE]"));
  context_.responder.end();
}

const char* openai_finish(infer::FinishReason reason) {
  switch (reason) {
    case infer::FinishReason::kMaxTokens:
    case infer::FinishReason::kMaxLength:
      return "length";
    default:
      return "stop";
  }
}

Json usage_json(int64_t prompt, int64_t cached, int64_t completion) {
  return {{"prompt_tokens", prompt},
          {"completion_tokens", completion},
          {"total_tokens", prompt + completion},
          {"prompt_tokens_details", {{"cached_tokens", cached}}}};
}

}  // namespace aurora::serve
