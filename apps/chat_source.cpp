#include "apps/chat_source.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <thread>

#include "apps/chat_stream.h"
#include "aurora/net/http_client.h"
#include "aurora/net/sse.h"
#include "aurora/serve/api_error.h"
#include "aurora/serve/chat.h"

namespace aurora::apps {
namespace {

using serve::Json;
using Clock = std::chrono::steady_clock;

constexpr auto kLook = std::chrono::milliseconds(50);

double since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

int64_t now_s() {
  return std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch())
      .count();
}

}  // namespace

ChatAnswer ChatStream::print(const std::function<void(std::string_view)>& on_text,
                             const std::atomic<bool>& stop) {
  const auto start = Clock::now();
  std::string all;
  double first_s = 0;
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait_for(lock, kLook, [&] { return over_ || !waiting_.empty(); });
    std::string piece = std::exchange(waiting_, {});
    const bool over = over_;
    if (all.empty()) piece.erase(0, piece.find_first_not_of(" \t\r\n"));  // templates begin with a space
    lock.unlock();
    if (!piece.empty()) {
      if (all.empty()) first_s = since(start);
      all += piece;
      on_text(piece);
    }
    lock.lock();
    if ((over && waiting_.empty()) || stop) break;
  }
  if (error_) throw Error(*error_);
  ChatAnswer answer = answer_;
  if (!over_) answer.finish = "stopped";
  answer.text = std::move(all);
  answer.first_s = first_s;
  answer.total_s = since(start);
  return answer;
}

namespace {

class LocalSource : public ChatSource {
 public:
  LocalSource(const std::string& path, const EngineFlags& flags)
      : flags_(flags), pool_(static_cast<int>(flags.threads)) {
    choose(path);
  }
  ~LocalSource() override { stop_engine(); }

  std::vector<std::string> models() override { return {running_.served->name}; }
  void choose(const std::string& path) override {
    RunningModel next = start_model(path, "", flags_, pool_);
    stop_engine();
    running_ = std::move(next);
  }
  ChatAnswer ask(const Json& body, const std::function<void(std::string_view)>& on_text,
                 const std::atomic<bool>& stop) override;

 private:
  void stop_engine() {
    if (running_.engine) running_.engine->stop(0);
  }
  EngineFlags flags_;
  Pool pool_;
  RunningModel running_;
};

ChatAnswer LocalSource::ask(const Json& body, const std::function<void(std::string_view)>& on_text,
                            const std::atomic<bool>& stop) {
  const serve::ServedModel& model = *running_.served;
  const auto stream = std::make_shared<ChatStream>();
  infer::RequestId id = 0;
  try {
    serve::GenerationDefaults defaults = model.defaults;
    defaults.seed = static_cast<uint64_t>(Clock::now().time_since_epoch().count());
    serve::ChatRequest chat = serve::read_chat(body, defaults, now_s());
    serve::plan_chat(chat, model);
    id = running_.engine->submit(std::move(chat.request), [stream](const infer::Event& event) {
      if (!event.text.empty()) stream->text(event.text);
      if (event.kind == infer::Event::Kind::kFailed) return stream->fail(*event.error);
      if (event.kind != infer::Event::Kind::kFinished) return;
      stream->facts([&](ChatAnswer& answer) {
        answer.prompt_tokens = event.usage.prompt_tokens;
        answer.tokens = event.usage.answer_tokens;
        answer.finish =
            event.reason == infer::FinishReason::kMaxTokens || event.reason == infer::FinishReason::kMaxLength
                ? "length"
                : "stop";
      });
      stream->finish();
    });
  } catch (const serve::ApiError& error) {
    throw Error(error.what(), error.param().empty() ? "the request" : error.param(), "see /help");
  }
  ChatAnswer answer = stream->print(on_text, stop);
  if (answer.finish == "stopped") running_.engine->cancel(id);
  return answer;
}

class RemoteSource : public ChatSource {
 public:
  RemoteSource(std::string url, std::string key) : url_(std::move(url)), key_(std::move(key)) {
    base_ = net::parse_url(url_).target;
    while (base_.ends_with('/')) base_.pop_back();
    models();
  }

  std::vector<std::string> models() override {
    net::HttpClient client(url_);
    const Json list = checked(client.send(request("GET", "/v1/models", "")));
    std::vector<std::string> names;
    for (const Json& model : list.value("data", Json::array())) names.push_back(model.value("id", ""));
    if (names.empty()) throw Error("the server has no models", url_, "is this an OpenAI-compatible server?");
    if (model_.empty()) model_ = names.front();
    std::stable_partition(names.begin(), names.end(),
                          [&](const std::string& name) { return name == model_; });
    return names;
  }
  void choose(const std::string& model) override {
    const std::vector<std::string> names = models();
    if (std::find(names.begin(), names.end(), model) == names.end())
      throw Error(fmt::format("there is no model '{}'", model), url_, "/model lists those that are there");
    model_ = model;
  }
  ChatAnswer ask(const Json& body, const std::function<void(std::string_view)>& on_text,
                 const std::atomic<bool>& stop) override;

 private:
  net::HttpRequest request(const char* method, const std::string& path, std::string body) const {
    net::HttpRequest request = net::make_request(method, base_ + path, std::move(body));
    request.headers.add("Content-Type", "application/json");
    if (!key_.empty()) request.headers.add("Authorization", "Bearer " + key_);
    return request;
  }
  // The JSON of an answer; Error with the server's words when it says no.
  Json checked(const net::HttpResponse& response) const {
    Json json = Json::parse(response.content(), nullptr, false);
    if (response.status == 200 && json.is_object()) return json;
    std::string words = fmt::format("HTTP status {}", response.status);
    if (json.is_object() && json.contains("error") && json["error"].is_object())
      words = json["error"].value("message", words);
    throw Error(words, url_,
                response.status == 401 ? "give --key-file FILE" : "see /help, or the server's log");
  }
  void read_answer(net::HttpClient& client, ChatStream& stream, const std::atomic<bool>& left) const;

  std::string url_, base_, key_, model_;
};

// One event of the stream.
void take_chunk(const Json& chunk, ChatStream& stream) {
  if (chunk.contains("error")) {
    const Json& error = chunk["error"];
    throw Error(error.is_object() ? error.value("message", "the answer failed") : "the answer failed",
                "the server", "try again");
  }
  for (const Json& choice : chunk.value("choices", Json::array())) {
    if (choice.contains("delta") && choice["delta"].contains("content") &&
        choice["delta"]["content"].is_string())
      stream.text(choice["delta"]["content"].get<std::string>());
    if (choice.contains("finish_reason") && choice["finish_reason"].is_string())
      stream.facts([&](ChatAnswer& answer) { answer.finish = choice["finish_reason"].get<std::string>(); });
  }
  if (chunk.contains("usage") && chunk["usage"].is_object())
    stream.facts([&](ChatAnswer& answer) {
      answer.prompt_tokens = chunk["usage"].value("prompt_tokens", int64_t{0});
      answer.tokens = chunk["usage"].value("completion_tokens", int64_t{0});
    });
}

void RemoteSource::read_answer(net::HttpClient& client, ChatStream& stream,
                               const std::atomic<bool>& left) const {
  net::SseParser parser;
  bool done = false;
  while (!left) {
    const std::optional<std::string> piece = client.read();
    if (!piece) break;
    parser.feed(*piece, [&](const net::SseEvent& event) {
      if (event.data == "[DONE]") {
        done = true;
        return;
      }
      const Json chunk = Json::parse(event.data, nullptr, false);
      if (!chunk.is_object())
        throw Error("an event is no JSON", url_, "is this an OpenAI-compatible server?");
      take_chunk(chunk, stream);
    });
  }
  if (!done && !left) throw Error("the answer was cut off on its way", url_, "try /retry");
  stream.finish();
}

ChatAnswer RemoteSource::ask(const Json& given, const std::function<void(std::string_view)>& on_text,
                             const std::atomic<bool>& stop) {
  Json body = given;
  body["model"] = model_;
  body["stream"] = true;
  body["stream_options"] = {{"include_usage", true}};
  // A thread reads, so that an interrupt is heard while nothing comes; when interrupted it is left behind
  // with what it needs, and hangs up at the next piece.
  struct Call {
    explicit Call(const RemoteSource& from) : source(from) {}
    RemoteSource source;
    ChatStream stream;
    std::atomic<bool> left = false;
  };
  const auto call = std::make_shared<Call>(*this);
  std::thread([call, text = serve::to_text(body)] {
    try {
      net::HttpClient client(call->source.url_);
      net::HttpResponse head = client.open(call->source.request("POST", "/v1/chat/completions", text));
      if (head.status != 200) {
        while (const auto piece = client.read()) head.body += *piece;
        call->source.checked(head);
      }
      call->source.read_answer(client, call->stream, call->left);
    } catch (const Error& error) {
      call->stream.fail(error);
    } catch (const std::exception& error) {
      call->stream.fail(Error(error.what(), call->source.url_, "is this an OpenAI-compatible server?"));
    }
  }).detach();
  ChatAnswer answer = call->stream.print(on_text, stop);
  call->left = true;
  return answer;
}

}  // namespace

std::unique_ptr<ChatSource> local_chat_source(const std::string& path, const EngineFlags& flags) {
  return std::make_unique<LocalSource>(path, flags);
}

std::unique_ptr<ChatSource> remote_chat_source(const std::string& url, const std::string& key) {
  return std::make_unique<RemoteSource>(url, key);
}

}  // namespace aurora::apps
