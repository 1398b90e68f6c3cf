#include "aurora/serve/service.h"

#include <fmt/format.h>
#include <openssl/rand.h>

#include <algorithm>
#include <chrono>
#include <nlohmann/json.hpp>

#include "aurora/base/error.h"
#include "aurora/serve/chat.h"
#include "aurora/serve/completions.h"
#include "aurora/serve/embeddings.h"
#include "aurora/serve/receipts.h"
#include "aurora/serve/responses.h"
#include "aurora/tokenizer/encoder.h"

namespace aurora::serve {
namespace {

int64_t now_s() {
  return std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch())
      .count();
}

double steady_s() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

uint64_t random_number() {
  uint64_t number = 0;
  AURORA_CHECK(RAND_bytes(reinterpret_cast<unsigned char*>(&number), sizeof number) == 1);
  return number;
}

std::string fresh_id(const char* prefix) {
  return fmt::format("{}-{:016x}", prefix, random_number());
}

// "Authorization: Bearer SECRET", or Azure's and Anthropic's headers.
std::string_view secret_of(const net::HttpRequest& request) {
  const std::string_view authorization = request.headers.get("Authorization");
  if (authorization.size() > 7 && net::equal_without_case(authorization.substr(0, 7), "Bearer "))
    return authorization.substr(7);
  if (request.headers.has("api-key")) return request.headers.get("api-key");
  return request.headers.get("x-api-key");
}

}  // namespace

// A request on its way.
struct Service::Call {
  net::HttpRequest request;
  net::Responder responder;
  std::optional<Key> key;
  const char* endpoint = "";
  net::Headers headers;  // of the response

  std::string client() const { return key ? key->name : std::string(); }
};

struct Service::Endpoint {
  const char* method;
  const char* path;
  void (Service::*run)(Call&);
  enum Access { kOpen, kKey, kAdmin } access;
  bool counts;  // against the key's requests per minute
};

const std::vector<Service::Endpoint>& Service::endpoints() {
  static const std::vector<Endpoint> kEndpoints = {
      {"POST", "/v1/chat/completions", &Service::chat, Endpoint::kKey, true},
      {"POST", "/v1/completions", &Service::completions, Endpoint::kKey, true},
      {"POST", "/v1/responses", &Service::responses, Endpoint::kKey, true},
      {"POST", "/v1/embeddings", &Service::embeddings, Endpoint::kKey, true},
      {"POST", "/tokenize", &Service::tokenize, Endpoint::kKey, true},
      {"POST", "/detokenize", &Service::detokenize, Endpoint::kKey, true},
      {"GET", "/v1/models", &Service::models, Endpoint::kKey, false},
      {"GET", "/health", &Service::health, Endpoint::kOpen, false},
      {"GET", "/metrics", &Service::metrics, Endpoint::kAdmin, false},
  };
  return kEndpoints;
}

const Service::Endpoint* Service::find(const net::HttpRequest& request, bool* path_known) {
  const std::string_view method = request.method == "HEAD" ? "GET" : std::string_view(request.method);
  // /v1/models/NAME is served by the list's endpoint.
  const std::string_view path =
      request.path.rfind("/v1/models/", 0) == 0 ? "/v1/models" : std::string_view(request.path);
  *path_known = false;
  for (const Endpoint& endpoint : endpoints()) {
    if (path != endpoint.path) continue;
    *path_known = true;
    if (method == endpoint.method) return &endpoint;
  }
  return nullptr;
}

Service::Service(ServiceSettings settings, std::vector<const ServedModel*> models)
    : settings_(std::move(settings)),
      models_(std::move(models)),
      workers_(settings_.workers, settings_.most_waiting) {
  AURORA_CHECK(!models_.empty(), "a service without models");
  if (!settings_.keys.empty()) keys_ = std::make_unique<KeyRing>(settings_.keys);
  if (!settings_.usage.empty()) usage_ = std::make_unique<UsageLog>(settings_.usage);
  if (!settings_.signer.empty()) signer_ = std::make_unique<Signer>(settings_.signer);
}

Service::~Service() = default;

net::Headers Service::cors(const net::HttpRequest& request) const {
  net::Headers headers;
  const std::string_view origin = request.headers.get("Origin");
  if (origin.empty()) return headers;
  for (const std::string& allowed : settings_.origins) {
    if (allowed != "*" && allowed != origin) continue;
    headers.add("Access-Control-Allow-Origin", allowed == "*" ? "*" : std::string(origin));
    headers.add("Access-Control-Allow-Headers", "Authorization, Content-Type, X-Api-Key");
    headers.add("Access-Control-Allow-Methods", "GET, POST, OPTIONS");
    headers.add("Access-Control-Max-Age", "600");
    headers.add("Vary", "Origin");
    break;
  }
  return headers;
}

std::optional<net::HttpResponse> Service::admit(const net::HttpRequest& head) {
  const auto refuse = [&](int status, const std::string& message, const char* code) {
    counts_.add("refused", status);
    return reply(status, error_json(status, message, code), cors(head));
  };
  if (head.method == "OPTIONS") return reply(204, "", cors(head));
  bool path_known = false;
  const Endpoint* endpoint = find(head, &path_known);
  if (!endpoint) {
    if (path_known)
      return refuse(405, fmt::format("{} does not take {}", head.path, head.method), "method_not_allowed");
    if (settings_.pages && (head.method == "GET" || head.method == "HEAD")) {
      if (auto page = settings_.pages(head)) return page;
    }
    return refuse(404, fmt::format("there is nothing at {}", head.path), "not_found");
  }
  if (!keys_ || endpoint->access == Endpoint::kOpen) return std::nullopt;
  const std::optional<Key> key = keys_->find(secret_of(head));
  if (!key)
    return refuse(401, "no API key, or one that is not known; send \"Authorization: Bearer KEY\"",
                  "invalid_api_key");
  if (endpoint->access == Endpoint::kAdmin && !key->admin)
    return refuse(403, "this needs a key with admin = true", "forbidden");
  if (endpoint->counts) {
    if (const int64_t seconds = rates_.take_request(*key, steady_s()); seconds > 0) {
      net::HttpResponse response = refuse(
          429,
          fmt::format("key '{}' has used what it may in a minute; try again in {} s", key->name, seconds),
          "rate_limit_exceeded");
      response.headers.set("Retry-After", std::to_string(seconds));
      return response;
    }
  }
  return std::nullopt;
}

void Service::handle(net::HttpRequest request, net::Responder responder) {
  bool path_known = false;
  const Endpoint* endpoint = find(request, &path_known);
  AURORA_CHECK(endpoint != nullptr, "admit() lets nothing else through");
  auto call = std::make_shared<Call>(Call{std::move(request), responder, std::nullopt, endpoint->path, {}});
  call->headers = cors(call->request);
  if (keys_) call->key = keys_->find(secret_of(call->request));
  if (call->key) responder.set_note(call->key->name);
  // Health and metrics must answer whatever the workers do.
  if (endpoint->access != Endpoint::kKey) return run(*endpoint, *call);
  if (!workers_.post([this, endpoint, call] { run(*endpoint, *call); })) {
    call->headers.set("Retry-After", "1");
    respond(
        *call, 429,
        error_json(429, "the server is full: too many requests wait; try again in a moment", "queue_full"));
  }
}

void Service::run(const Endpoint& endpoint, Call& call) {
  try {
    (this->*endpoint.run)(call);
  } catch (const ApiError& error) {
    respond(call, error.status(), error.json());
  } catch (const Error& error) {
    respond(call, 500, error_json(500, error.what(), "internal_error"));
  } catch (const std::exception& error) {
    respond(call, 500, error_json(500, fmt::format("the server failed: {}", error.what()), "internal_error"));
  }
}

void Service::respond(Call& call, int status, std::string body, const char* type) {
  counts_.add(call.endpoint, status);
  call.responder.send(reply(status, std::move(body), call.headers, type));
}

const ServedModel& Service::model_of(const std::string& name) const {
  if (name.empty()) return *models_.front();
  for (const ServedModel* model : models_)
    if (model->name == name) return *model;
  std::string names;
  for (const ServedModel* model : models_) names += (names.empty() ? "" : ", ") + model->name;
  throw ApiError(404, "model_not_found",
                 fmt::format("there is no model '{}' here; there are: {}", name, names), "model");
}

uint64_t Service::fresh_seed() const {
  return settings_.seed != 0 ? settings_.seed : random_number() >> 1;  // as a JSON integer
}

void Service::set_server_stats(std::function<net::ServerStats()> stats) {
  server_stats_ = std::move(stats);
}

void Service::set_draining() {
  draining_ = true;
}

std::string Service::refresh_keys() {
  return keys_ ? keys_->refresh() : "";
}

// --- endpoints -------------------------------------------------------------------------------------------

// What all answers have in common: who pays, and what is counted.
AnswerContext Service::context_of(Call& call, const ServedModel& model, const char* id_prefix) {
  const int64_t created = now_s();
  AnswerContext context{.model = model,
                        .responder = call.responder,
                        .id = fresh_id(id_prefix),
                        .created = created,
                        .stream = false,
                        .over = {},
                        .headers = call.headers};
  context.over = [this, key = call.key, endpoint = call.endpoint, name = model.name,
                  created](const AnswerSummary& summary) {
    counts_.add(endpoint, summary.status);
    if (key) rates_.pay_tokens(*key, summary.prompt_tokens + summary.completion_tokens, steady_s());
    if (usage_)
      usage_->add({created, key ? key->name : "", name, endpoint, summary.status, summary.prompt_tokens,
                   summary.cached_tokens, summary.completion_tokens,
                   static_cast<int64_t>(summary.seconds * 1000)});
  };
  return context;
}

ReceiptMaker Service::receipt_maker(const Call& call, const ServedModel& model, Json body,
                                    bool wanted) const {
  if (!wanted) return {};
  if (!signer_)
    throw ApiError(400, "no_receipts", "this server signs no receipts; start it with --sign-with FILE",
                   "receipt");
  return [this, &model, endpoint = call.endpoint, body = std::move(body)](
             const std::vector<infer::Request>& requests, int64_t created,
             const std::vector<std::vector<int32_t>>& tokens) {
    return make_receipt(
        {endpoint, model.name, model.hash, body, created, requests.front().sampling.seed, tokens}, *signer_);
  };
}

GenerationDefaults Service::defaults_of(const ServedModel& model) const {
  GenerationDefaults defaults = model.defaults;
  defaults.seed = fresh_seed();
  return defaults;
}

void Service::chat(Call& call) {
  const Json body = parse_body(call.request.body);
  const std::string name = Fields(body).text("model").value_or("");
  const ServedModel& model = model_of(name);
  AnswerContext context = context_of(call, model, "chatcmpl");
  ChatRequest chat = read_chat(body, defaults_of(model), context.created);
  plan_chat(chat, model);
  chat.request.client = call.client();
  infer::Request request = chat.request;
  ReceiptMaker receipt = receipt_maker(call, model, body, chat.receipt);
  chat_answer(std::move(chat), std::move(context), std::move(receipt))->start({std::move(request)});
}

void Service::completions(Call& call) {
  const Json body = parse_body(call.request.body);
  const ServedModel& model = model_of(Fields(body).text("model").value_or(""));
  CompletionRequest completion = read_completion(body, defaults_of(model));
  completion.request.client = call.client();
  std::vector<infer::Request> requests = plan_completion(completion, model);
  ReceiptMaker receipt = receipt_maker(call, model, body, completion.receipt);
  completion_answer(std::move(completion), context_of(call, model, "cmpl"), std::move(receipt))
      ->start(std::move(requests));
}

void Service::responses(Call& call) {
  const Json body = parse_body(call.request.body);
  const ServedModel& model = model_of(Fields(body).text("model").value_or(""));
  AnswerContext context = context_of(call, model, "resp");
  ResponsesRequest responses = read_responses(body, defaults_of(model), context.created);
  plan_chat(responses.chat, model);
  responses.chat.request.client = call.client();
  infer::Request request = responses.chat.request;
  ReceiptMaker receipt = receipt_maker(call, model, body, responses.chat.receipt);
  responses_answer(std::move(responses), std::move(context), std::move(receipt))->start({std::move(request)});
}

void Service::embeddings(Call& call) {
  const Json body = parse_body(call.request.body);
  const ServedModel& model = model_of(Fields(body).text("model").value_or(""));
  EmbeddingRequest embedding = read_embedding(body);
  std::vector<infer::Request> requests = plan_embedding(embedding, model);
  for (infer::Request& request : requests) request.client = call.client();
  embedding_answer(std::move(embedding), context_of(call, model, "embd"))->start(std::move(requests));
}

void Service::tokenize(Call& call) {
  const Json body = parse_body(call.request.body);
  Fields fields(body);
  const ServedModel& model = model_of(fields.text("model").value_or(""));
  std::vector<int32_t> ids;
  if (const Json* messages = fields.find("messages")) {
    ChatInput input;
    input.messages = read_messages(*messages, "messages");
    input.tools = read_tools(fields);
    input.now = now_s();
    ids = make_prompt(model, input).tokens;
  } else {
    // llama.cpp calls it content, vLLM prompt.
    const std::string text =
        fields.find("content") ? fields.required_text("content") : fields.required_text("prompt");
    const bool special =
        fields.boolean("add_special_tokens").value_or(fields.boolean("add_special").value_or(false));
    tokenizer::EncodeOptions options;
    options.specials = tokenizer::Specials::kParse;
    options.add_template = special;
    tokenizer::Encoder(model.tokenizer).encode(text, ids, options);
  }
  fields.accept({"prompt", "content", "add_special_tokens", "add_special"});
  fields.finish();
  Json pieces = Json::array();
  for (const int32_t id : ids) pieces.push_back(model.token_shown(id));
  respond(call, 200,
          to_text({{"count", ids.size()},
                   {"max_model_len", model.engine.max_length()},
                   {"tokens", ids},
                   {"token_strs", pieces}}));
}

void Service::detokenize(Call& call) {
  const Json body = parse_body(call.request.body);
  Fields fields(body);
  const ServedModel& model = model_of(fields.text("model").value_or(""));
  const std::vector<int32_t> ids = ids_of(fields.required("tokens"), "tokens");
  fields.finish();
  for (const int32_t id : ids)
    if (id >= model.tokenizer.vocab_size())
      throw ApiError::invalid("tokens", fmt::format("no token has id {}", id));
  const std::string text = model.tokenizer.decode(ids);
  respond(call, 200, to_text({{"prompt", text}, {"content", text}}));
}

void Service::models(Call& call) {
  const auto described = [](const ServedModel& model) {
    return Json{{"id", model.name},
                {"object", "model"},
                {"created", model.created},
                {"owned_by", "aurora"},
                {"max_model_len", model.engine.max_length()},
                {"hash", model.hash}};
  };
  constexpr std::string_view kOne = "/v1/models/";
  if (call.request.path.rfind(kOne, 0) == 0)
    return respond(call, 200, to_text(described(model_of(call.request.path.substr(kOne.size())))));
  Json list = {{"object", "list"}, {"data", Json::array()}};
  for (const ServedModel* model : models_) list["data"].push_back(described(*model));
  respond(call, 200, to_text(list));
}

void Service::health(Call& call) {
  const bool draining = draining_;
  respond(call, draining ? 503 : 200, to_text({{"status", draining ? "draining" : "ok"}}));
}

void Service::metrics(Call& call) {
  MetricsInput input;
  for (const ServedModel* model : models_) input.models[model->name] = model->engine.stats();
  if (server_stats_) input.http = server_stats_();
  input.answers = counts_.copy();
  if (usage_) input.usage_dropped = usage_->dropped();
  respond(call, 200, metrics_text(input), "text/plain; version=0.0.4; charset=utf-8");
}

}  // namespace aurora::serve
