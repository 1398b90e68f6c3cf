// The way of a request through the server: admit() looks at its header (path, method, key, rates), handle()
// hands it to a worker, which reads the body and makes an Answer; the Answer talks to the engine and writes
// the response. One table (service.cpp) lists the endpoints.
//
// Thread-safe. Must outlive the HttpServer whose handler it is, and be outlived by its models' engines' last
// events: stop the server, then the engines, then destroy the service.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "aurora/net/http_server.h"
#include "aurora/serve/chat.h"
#include "aurora/serve/keys.h"
#include "aurora/serve/metrics.h"
#include "aurora/serve/receipt.h"
#include "aurora/serve/served_model.h"
#include "aurora/serve/usage.h"
#include "aurora/serve/workers.h"

namespace aurora::serve {

struct ServiceSettings {
  Path keys;                         // keys.h; empty: everybody may ask
  Path usage;                        // usage.h; empty: not kept
  Path signer;                       // PEM of the receipts' key, made if missing; empty: no receipts
  std::vector<std::string> origins;  // of pages that may ask (CORS); "*": all; empty: none but our own
  int workers = 1;
  size_t most_waiting = 256;  // requests that wait for a worker
  uint64_t seed = 0;          // of requests that name none; 0: another one for each
  // Static files, by path ("/", "/app.js"): the web page. Nothing: no page.
  std::function<std::optional<net::HttpResponse>(const net::HttpRequest&)> pages;
};

class Service {
 public:
  // The models must outlive it. The first is the one for requests that name none. Error: keys, usage, signer.
  Service(ServiceSettings settings, std::vector<const ServedModel*> models);
  ~Service();

  // For ServerSettings::admit and the handler.
  std::optional<net::HttpResponse> admit(const net::HttpRequest& head);
  void handle(net::HttpRequest request, net::Responder responder);

  // Where /metrics reads the server's numbers.
  void set_server_stats(std::function<net::ServerStats()> stats);
  // While draining, /health says so (503).
  void set_draining();
  // Reads changed key files; the text says what is wrong with one.
  std::string refresh_keys();

 private:
  struct Call;
  struct Endpoint;
  static const std::vector<Endpoint>& endpoints();
  static const Endpoint* find(const net::HttpRequest& request, bool* path_known);
  void run(const Endpoint& endpoint, Call& call);
  void respond(Call& call, int status, std::string body, const char* type = "application/json");

  void chat(Call& call);
  void completions(Call& call);
  void responses(Call& call);
  void embeddings(Call& call);
  void tokenize(Call& call);
  void detokenize(Call& call);
  void models(Call& call);
  void health(Call& call);
  void metrics(Call& call);

  const ServedModel& model_of(const std::string& name) const;
  uint64_t fresh_seed() const;
  GenerationDefaults defaults_of(const ServedModel& model) const;
  AnswerContext context_of(Call& call, const ServedModel& model, const char* id_prefix);
  ReceiptMaker receipt_maker(const Call& call, const ServedModel& model, Json body, bool wanted) const;
  net::Headers cors(const net::HttpRequest& request) const;

  ServiceSettings settings_;
  std::vector<const ServedModel*> models_;
  std::unique_ptr<KeyRing> keys_;
  RateLimits rates_;
  std::unique_ptr<UsageLog> usage_;
  std::unique_ptr<Signer> signer_;
  AnswerCounts counts_;
  std::function<net::ServerStats()> server_stats_;
  std::atomic<bool> draining_ = false;
  Workers workers_;  // last: its jobs use all of the above
};

}  // namespace aurora::serve
