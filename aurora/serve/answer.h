// An answer in the making: engine requests on the one side, an HTTP response on the other. Kinds of answers
// (chat, completions, responses, embeddings) derive from it and say how to write what comes.
//
// Life: make_shared, then start() on any thread; from then on the engine's thread calls it, and it lives
// until its last event. A client that hangs up cancels it. Every answer is counted once (usage, rates),
// however it ends.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "aurora/infer/request.h"
#include "aurora/net/http_server.h"
#include "aurora/serve/api_error.h"
#include "aurora/serve/served_model.h"

namespace aurora::serve {

// What is told of an answer when it is over.
struct AnswerSummary {
  int status = 200;
  int64_t prompt_tokens = 0, cached_tokens = 0, completion_tokens = 0;
  double seconds = 0;
};

// Where an answer comes from and goes to.
struct AnswerContext {
  const ServedModel& model;
  net::Responder responder;
  std::string id;       // "chatcmpl-..."
  int64_t created = 0;  // seconds since 1970
  bool stream = false;
  std::function<void(const AnswerSummary&)> over;  // once
  net::Headers headers = {};                       // of the response, besides its type
};

class Answer : public std::enable_shared_from_this<Answer> {
 public:
  explicit Answer(AnswerContext context);
  virtual ~Answer() = default;
  // Hands the requests to the engine: choice c of request i is choice first_choice(i) + c of the answer. What
  // the engine refuses becomes the response.
  void start(std::vector<infer::Request> requests);

 protected:
  struct Totals {
    int64_t prompt_tokens = 0, cached_tokens = 0, completion_tokens = 0;
  };
  // Called under one lock, in the order of events.
  virtual void begin() {}  // before the first event; streams send what comes first
  virtual void prompt(int /*choice*/, const infer::Event&) {}
  virtual void token(int choice, const infer::Event&) = 0;
  virtual void finished(int choice, const infer::Event&) = 0;
  virtual void complete() = 0;  // all choices are finished: send, or end the stream

  const AnswerContext& context() const { return context_; }
  const Totals& totals() const { return totals_; }
  const std::vector<infer::Request>& requests() const { return requests_; }
  // Ids of the tokens of each choice, the end token not among them.
  const std::vector<std::vector<int32_t>>& tokens() const { return tokens_; }

  void send_json(const Json& body) const;
  // One server-sent event; `name` empty: data alone. False: the client has gone.
  bool send_event(const Json& data, std::string_view name = "") const;
  void end_stream(bool done_mark) const;  // "data: [DONE]", and the end

 private:
  void open_stream() const;
  void event(size_t request, const infer::Event& event);
  void fail(int status, const std::string& message, const std::string& code);
  void over(int status);
  void cancel_all();

  AnswerContext context_;
  std::vector<infer::Request> requests_;  // without their prompts
  std::vector<int> first_choice_;
  std::vector<infer::RequestId> ids_;
  std::vector<std::vector<int32_t>> tokens_;
  std::recursive_mutex mutex_;  // the engine may tell the last event of a request inside cancel()
  size_t running_ = 0;
  bool begun_ = false, failed_ = false, over_ = false;
  Totals totals_;
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

// "stop", "length"; tool calls are the caller's business.
const char* openai_finish(infer::FinishReason reason);

// {"prompt_tokens", "completion_tokens", "total_tokens", "prompt_tokens_details": {"cached_tokens"}}
Json usage_json(int64_t prompt, int64_t cached, int64_t completion);

}  // namespace aurora::serve
