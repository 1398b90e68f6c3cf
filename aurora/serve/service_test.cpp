// The endpoints over real sockets, before a model whose answers one can work out.
#include "aurora/serve/service.h"

#include <nlohmann/json.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "aurora/base/test_folder.h"
#include "aurora/infer/fake_model.h"
#include "aurora/net/http_client.h"
#include "aurora/net/sse.h"
#include "aurora/serve/replay.h"

namespace aurora::serve {
namespace {

using infer::testing::byte_tokenizer;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

// Sentences that the model knows: it goes on with them word by word.
const std::vector<std::string> kSentences = {
    "Assistant: Hello there!\nUser:",
    "hi\nAssistant: Hello there!\nUser:",
    "sun?\nAssistant:<tool_call>{\"name\": \"weather\", \"arguments\": {\"city\": \"Ulm\"}}</tool_call>",
    "once upon a time",
};

class ServiceTest : public ::testing::Test {
 protected:
  ServiceTest() { start({}); }
  void start(ServiceSettings settings, int64_t max_queued = 64) {
    stop();
    infer::EngineSettings engine;
    engine.max_queued = max_queued;
    engine.max_length = 512;
    engine_ = std::make_unique<infer::EngineThread>(std::make_unique<infer::Engine>(
        std::make_unique<infer::testing::FakeModel>(infer::testing::parrot(kSentences), 4096),
        infer::testing::byte_tokens(), engine, pool_));
    model_ = std::make_unique<ServedModel>("parrot", "0123456789abcdef0123", byte_tokenizer(),
                                           std::vector<int32_t>{}, *engine_);
    service_ = std::make_unique<Service>(std::move(settings), std::vector<const ServedModel*>{model_.get()});
    net::ServerSettings server;
    server.admit = [this](const net::HttpRequest& head) { return service_->admit(head); };
    server_ =
        std::make_unique<net::HttpServer>(server, [this](net::HttpRequest request, net::Responder responder) {
          service_->handle(std::move(request), std::move(responder));
        });
    service_->set_server_stats([this] { return server_->stats(); });
  }
  void stop() {
    if (service_) service_->set_server_stats({});
    server_.reset();
    if (engine_) engine_->stop(0);
    service_.reset();
    model_.reset();
    engine_.reset();
  }
  ~ServiceTest() override { stop(); }

  net::HttpClient client() { return net::HttpClient(server_->urls().front()); }
  net::HttpResponse post(const std::string& path, const std::string& body, const std::string& key = "") {
    net::HttpRequest request = net::make_request("POST", path, body);
    if (!key.empty()) request.headers.add("Authorization", "Bearer " + key);
    return client().send(request);
  }
  Json ask(const std::string& path, const std::string& body) {
    const net::HttpResponse response = post(path, body);
    EXPECT_EQ(response.status, 200) << response.body;
    return Json::parse(response.body);
  }
  std::vector<net::SseEvent> stream(const std::string& path, const std::string& body) {
    const net::HttpResponse response = post(path, body);
    EXPECT_EQ(response.status, 200) << response.body;
    std::vector<net::SseEvent> events;
    net::SseParser parser;
    parser.feed(response.body, [&](const net::SseEvent& event) { events.push_back(event); });
    return events;
  }

  const TestFolder folder_;
  Pool pool_{1};
  std::unique_ptr<infer::EngineThread> engine_;
  std::unique_ptr<ServedModel> model_;
  std::unique_ptr<Service> service_;
  std::unique_ptr<net::HttpServer> server_;
};

TEST_F(ServiceTest, AChatIsAnswered) {
  const Json answer =
      ask("/v1/chat/completions",
          R"({"model": "parrot", "temperature": 0, "messages": [{"role": "user", "content": "hi"}]})");
  EXPECT_EQ(answer["object"], "chat.completion");
  EXPECT_EQ(answer["choices"][0]["message"]["content"], " Hello there!");
  EXPECT_EQ(answer["choices"][0]["finish_reason"], "stop");
  // The end of a document, "User: hi\nAssistant:".
  EXPECT_EQ(answer["usage"]["prompt_tokens"], 1 + 19);
}

TEST_F(ServiceTest, AStreamHasTheSameText) {
  std::string text, last;
  Json usage;
  for (const net::SseEvent& event :
       stream("/v1/chat/completions",
              R"({"temperature": 0, "stream": true, "stream_options": {"include_usage": true},
                                          "messages": [{"role": "user", "content": [{"type": "text", "text": "hi"}]}]})")) {
    last = event.data;
    if (event.data == "[DONE]") continue;
    const Json chunk = Json::parse(event.data);
    if (chunk["usage"].is_object()) usage = chunk["usage"];
    for (const Json& choice : chunk["choices"])
      if (choice["delta"].contains("content")) text += choice["delta"]["content"].get<std::string>();
  }
  EXPECT_EQ(text, " Hello there!");
  EXPECT_EQ(last, "[DONE]");
  EXPECT_GT(usage["completion_tokens"], 10);
}

TEST_F(ServiceTest, AToolIsCalled) {
  const std::string body =
      R"({"temperature": 0, "tools": [{"type": "function", "function": {"name": "weather",
      "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"],
      "additionalProperties": false}}}], "messages": [{"role": "user", "content": "sun?"}])";
  for (const char* more : {"}", R"(, "tool_choice": "required"})"}) {
    const Json choice = ask("/v1/chat/completions", body + more)["choices"][0];
    ASSERT_TRUE(choice["message"].contains("tool_calls")) << choice;
    EXPECT_EQ(choice["finish_reason"], "tool_calls");
    EXPECT_EQ(choice["message"]["tool_calls"][0]["function"]["name"], "weather");
    EXPECT_EQ(choice["message"]["tool_calls"][0]["function"]["arguments"], "{\"city\":\"Ulm\"}");
  }
  std::string arguments;
  for (const net::SseEvent& event : stream("/v1/chat/completions", body + R"(, "stream": true})")) {
    if (event.data == "[DONE]") continue;
    const Json chunk = Json::parse(event.data);
    for (const Json& choice : chunk["choices"])
      if (choice["delta"].contains("tool_calls"))
        arguments += choice["delta"]["tool_calls"][0]["function"]["arguments"].get<std::string>();
  }
  EXPECT_EQ(arguments, "{\"city\":\"Ulm\"}");
}

TEST_F(ServiceTest, AnswersKeepToASchema) {
  const Json answer = ask("/v1/chat/completions",
                          R"({"seed": 1, "max_tokens": 200, "messages": [{"role": "user", "content": "hi"}],
      "response_format": {"type": "json_schema", "json_schema": {"name": "n", "strict": true, "schema":
      {"type": "object", "properties": {"ok": {"type": "boolean"}}, "required": ["ok"], "additionalProperties": false}}}})");
  const Json content = Json::parse(answer["choices"][0]["message"]["content"].get<std::string>());
  EXPECT_TRUE(content["ok"].is_boolean());
}

TEST_F(ServiceTest, CompletionsEchoWithLogprobsAsLmEvalReadsThem) {
  const Json answer =
      ask("/v1/completions", R"({"prompt": [[111, 110, 99], [111, 110, 99, 101]], "echo": true, "logprobs": 1,
                                                 "max_tokens": 1, "temperature": 0})");
  ASSERT_EQ(answer["choices"].size(), 2u);
  EXPECT_EQ(answer["choices"][0]["text"], "once");
  const Json logprobs = answer["choices"][0]["logprobs"];
  EXPECT_THAT(logprobs["tokens"].get<std::vector<std::string>>(), ElementsAre("o", "n", "c", "e"));
  EXPECT_TRUE(logprobs["token_logprobs"][0].is_null());
  EXPECT_GT(logprobs["token_logprobs"][1], -0.01);  // the parrot is all but certain
  EXPECT_EQ(logprobs["top_logprobs"][3].size(), 1u);
  EXPECT_THAT(logprobs["text_offset"].get<std::vector<int>>(), ElementsAre(0, 1, 2, 3));
  EXPECT_EQ(answer["choices"][1]["text"], "once ");
  const Json prompt_alone =
      ask("/v1/completions", R"({"prompt": "once", "echo": true, "logprobs": 0, "max_tokens": 0})");
  EXPECT_EQ(prompt_alone["choices"][0]["text"], "once");
}

TEST_F(ServiceTest, ResponsesStreamTheirEvents) {
  std::vector<std::string> names;
  std::string text;
  for (const net::SseEvent& event :
       stream("/v1/responses", R"({"input": "hi", "temperature": 0, "stream": true})")) {
    const Json data = Json::parse(event.data);
    EXPECT_EQ(data["type"], event.name);
    EXPECT_EQ(data["sequence_number"], names.size());
    if (event.name == "response.output_text.delta") text += data["delta"].get<std::string>();
    names.push_back(event.name);
  }
  EXPECT_EQ(text, " Hello there!");
  EXPECT_EQ(names.front(), "response.created");
  EXPECT_EQ(names.back(), "response.completed");
  const Json whole = ask(
      "/v1/responses",
      R"({"input": [{"role": "user", "content": [{"type": "input_text", "text": "hi"}]}], "temperature": 0})");
  EXPECT_EQ(whole["output"][0]["content"][0]["text"], " Hello there!");
  EXPECT_EQ(whole["status"], "completed");
}

TEST_F(ServiceTest, EmbeddingsTokensAndModels) {
  const Json vectors = ask("/v1/embeddings", R"({"input": ["ab", "abc"]})");
  ASSERT_EQ(vectors["data"].size(), 2u);
  double square = 0;
  for (const Json& x : vectors["data"][0]["embedding"]) square += x.get<double>() * x.get<double>();
  EXPECT_NEAR(square, 1, 1e-5);
  EXPECT_EQ(ask("/tokenize", R"({"content": "the"})")["count"], 1);
  EXPECT_EQ(ask("/detokenize", R"({"tokens": [104, 105]})")["content"], "hi");
  const Json list = Json::parse(client().get("/v1/models").body);
  EXPECT_EQ(list["data"][0]["id"], "parrot");
  EXPECT_EQ(client().get("/v1/models/parrot").status, 200);
  EXPECT_EQ(client().get("/v1/models/other").status, 404);
  EXPECT_EQ(client().get("/health").status, 200);
  EXPECT_THAT(client().get("/metrics").body, HasSubstr("aurora_requests_total{model=\"parrot\"}"));
}

TEST_F(ServiceTest, WhatIsWrongIsSaidInOpenAIsShape) {
  const auto error = [&](const std::string& path, const std::string& body, int status) {
    const net::HttpResponse response = post(path, body);
    EXPECT_EQ(response.status, status) << response.body;
    return Json::parse(response.body)["error"];
  };
  const std::string chat = "/v1/chat/completions";
  EXPECT_EQ(error(chat, "{", 400)["code"], "invalid_json");
  EXPECT_EQ(error(chat, "{}", 400)["param"], "messages");
  EXPECT_EQ(error(chat, R"({"model": "x", "messages": []})", 404)["code"], "model_not_found");
  EXPECT_EQ(error(chat, R"({"messages": [{"role": "king", "content": ""}]})", 400)["param"],
            "messages[0].role");
  EXPECT_EQ(error(chat, R"({"messages": [{"role": "user", "content": "x"}], "temprature": 1})", 400)["code"],
            "unknown_parameter");
  EXPECT_EQ(error(chat, R"({"messages": [{"role": "user", "content": ")" + std::string(600, 'x') + "\"}]}",
                  400)["code"],
            "context_length_exceeded");
  EXPECT_EQ(
      error(chat,
            R"({"messages": [{"role": "user", "content": "x"}], "response_format": {"type": "json_schema",
                            "json_schema": {"schema": {"type": "nonsense"}}}})",
            400)["code"],
      "invalid_schema");
  EXPECT_EQ(error("/v1/nothing", "{}", 404)["type"], "not_found_error");
  EXPECT_EQ(error("/health", "{}", 405)["code"], "method_not_allowed");
}

TEST_F(ServiceTest, KeysAreAskedForAndLimited) {
  const NewKey user = make_key("user");
  Key limited = user.key;
  limited.requests_per_minute = 1;
  append_key(folder_ / "keys.toml", limited);
  NewKey admin = make_key("admin");
  admin.key.admin = true;
  append_key(folder_ / "keys.toml", admin.key);
  ServiceSettings settings;
  settings.keys = folder_ / "keys.toml";
  settings.usage = folder_ / "usage.db";
  start(settings);
  const std::string body = R"({"prompt": "once", "max_tokens": 3, "temperature": 0})";
  EXPECT_EQ(post("/v1/completions", body).status, 401);
  EXPECT_EQ(post("/v1/completions", body, "sk-aurora-wrong").status, 401);
  EXPECT_EQ(post("/v1/completions", body, user.secret).status, 200);
  const net::HttpResponse too_many = post("/v1/completions", body, user.secret);
  EXPECT_EQ(too_many.status, 429);
  EXPECT_TRUE(too_many.headers.has("Retry-After"));
  EXPECT_EQ(client().get("/health").status, 200);
  net::HttpRequest metrics = net::make_request("GET", "/metrics");
  metrics.headers.add("Authorization", "Bearer " + user.secret);
  EXPECT_EQ(client().send(metrics).status, 403);
  metrics.headers.set("Authorization", "Bearer " + admin.secret);
  EXPECT_EQ(client().send(metrics).status, 200);
  stop();
  const std::vector<UsageSum> sums = read_usage(folder_ / "usage.db", 0, INT64_MAX);
  ASSERT_EQ(sums.size(), 1u);
  EXPECT_EQ(sums[0].key, "user");
  EXPECT_EQ(sums[0].completion_tokens, 3);
  EXPECT_EQ(sums[0].failed, 0);
}

TEST_F(ServiceTest, AReceiptIsReplayed) {
  ServiceSettings settings;
  settings.signer = folder_ / "key.pem";
  start(settings);
  // Without the end token all other tokens are equally likely.
  const Json body = {{"receipt", true},
                     {"temperature", 2},
                     {"max_tokens", 40},
                     {"n", 2},
                     {"logit_bias", {{std::to_string(byte_tokenizer().end_of_document()), -100}}},
                     {"prompt", "zz"}};
  const Json answer = ask("/v1/completions", body.dump());
  ReceiptRecord receipt = read_receipt(answer.dump(), "answer");
  const Replay again = replay(receipt, *model_);
  EXPECT_TRUE(again.same);
  EXPECT_EQ(again.texts[1], answer["choices"][1]["text"].get<std::string>());
  receipt.seed += 1;
  EXPECT_FALSE(replay(receipt, *model_).same);
  receipt.model_hash = "another";
  EXPECT_THROW(replay(receipt, *model_), Error);
}

TEST_F(ServiceTest, AUserCannotWriteSpecialTokens) {
  const std::string end(byte_tokenizer().token(byte_tokenizer().end_of_document()));
  Json body = {{"messages", {{{"role", "user"}, {"content", "x" + end + "y"}}}}};
  const Json ids = ask("/tokenize", body.dump())["tokens"];
  // One special token: the end of the document before the prompt.
  EXPECT_EQ(std::count(ids.begin(), ids.end(), byte_tokenizer().end_of_document()), 1);
  const std::string text = ask("/detokenize", Json{{"tokens", ids}}.dump())["content"];
  EXPECT_THAT(text, HasSubstr("x" + end + "y"));
}

TEST_F(ServiceTest, PagesOfOtherOriginsMayAskWhenAllowed) {
  ServiceSettings settings;
  settings.origins = {"https://example.org"};
  start(settings);
  net::HttpRequest request = net::make_request("OPTIONS", "/v1/chat/completions");
  request.headers.add("Origin", "https://example.org");
  net::HttpResponse response = client().send(request);
  EXPECT_EQ(response.status, 204);
  EXPECT_EQ(response.headers.get("Access-Control-Allow-Origin"), "https://example.org");
  request.headers.set("Origin", "https://other.example");
  EXPECT_FALSE(client().send(request).headers.has("Access-Control-Allow-Origin"));
}

}  // namespace
}  // namespace aurora::serve
