// `aurora serve MODEL`: an OpenAI-compatible server and its web page, until SIGINT or SIGTERM.

#include <fmt/format.h>
#include <signal.h>

#include <chrono>
#include <nlohmann/json.hpp>

#include "apps/serve_flags.h"
#include "aurora/base/error.h"
#include "aurora/serve/pages.h"
#include "aurora/serve/service.h"

namespace aurora::apps {
namespace {

constexpr int kKeyCheckSeconds = 2;

struct ServeFlags {
  std::vector<std::string> models;
  std::vector<std::string> names;
  EngineFlags engine;
  serve::ServiceSettings service;
  std::string keys, usage, signer;
  std::string host = "127.0.0.1";
  int64_t port = 8080;
  net::TlsFiles tls;
  int64_t connections = 1024;
  int64_t body_mib = 16;
  double drain_s = 30;
  bool quiet = false;
  bool log_prompts = false;
  bool no_page = false;

  void declare(Arguments& arguments) {
    arguments.positional(
        "MODEL", models,
        "run folder, checkpoint, Hugging Face folder or GGUF file; several are served together");
    arguments.option("--name", names, "what clients call a model, in the order of the models");
    arguments.option("--host", host, "address to listen on; 0.0.0.0 or :: for all (then use --keys)");
    arguments.option("--port", port, "0 = any free one");
    engine.declare(arguments);
    arguments.option("--keys", keys, "TOML file of API keys (aurora serve key); without: everybody may ask");
    arguments.option("--usage", usage, "SQLite file that counts tokens by key (aurora serve usage)");
    arguments.option("--sign-with", signer, "Ed25519 key (PEM, made if missing) that signs receipts");
    arguments.option("--seed", service.seed, "of requests that name none; 0 = another one each time");
    arguments.option("--cors", service.origins,
                     "origin of web pages that may ask (https://example.org, or *)");
    arguments.option("--tls-certificate", tls.certificate, "PEM: certificate and chain");
    arguments.option("--tls-key", tls.key, "PEM");
    arguments.option("--connections", connections, "open at once");
    arguments.option("--body-mib", body_mib, "largest request, MiB");
    arguments.option("--drain", drain_s, "seconds that running answers get to finish when the server stops");
    arguments.flag("--log-prompts", log_prompts, "write the bodies of requests to the log");
    arguments.flag("--no-page", no_page, "the API alone, without the web page");
    arguments.flag("--quiet", quiet, "no access log");
  }
};

void check(const ServeFlags& flags) {
  if (flags.models.empty())
    throw UsageError("no model", "MODEL",
                     "name a run folder, a checkpoint, a Hugging Face folder or a GGUF file");
  if (flags.names.size() > flags.models.size())
    throw UsageError("more names than models", "--name", "give one --name for each model");
  if (flags.port < 0 || flags.port > 65535) throw UsageError("no such port", "--port", "0 to 65535");
  if (flags.connections < 1) throw UsageError("no connection is allowed", "--connections", "1 or more");
  if (flags.body_mib < 1) throw UsageError("no request fits", "--body-mib", "1 or more");
  infer::check_load_settings(flags.engine.load);
}

// SIGINT and SIGTERM are taken by wait_for_signal() alone.
sigset_t block_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  signal(SIGPIPE, SIG_IGN);
  return signals;
}

// Looks after the key file meanwhile.
void wait_for_signal(const sigset_t& signals, serve::Service& service, Log& log) {
  std::string told;
  while (true) {
    const timespec pause{kKeyCheckSeconds, 0};
    const int signal = sigtimedwait(&signals, nullptr, &pause);
    if (signal == SIGINT || signal == SIGTERM) return;
    const std::string wrong = service.refresh_keys();
    if (!wrong.empty() && wrong != told) log.warn("the keys stay as they were: {}", wrong);
    told = wrong;
  }
}

void log_access(Log& log, const net::AccessRecord& record) {
  log.info("{} {} {} {} {} B {:.1f} ms{}{}", record.peer, record.method.empty() ? "-" : record.method,
           record.target, record.status, record.sent, record.milliseconds,
           record.complete ? "" : " (cut off)", record.note.empty() ? "" : " " + record.note);
}

net::ServerSettings server_settings(const ServeFlags& flags, serve::Service& service, Log& log) {
  net::ServerSettings settings;
  settings.host = flags.host;
  settings.port = static_cast<uint16_t>(flags.port);
  settings.tls = flags.tls;
  settings.limits.connections = static_cast<int>(flags.connections);
  settings.limits.body_bytes = static_cast<uint64_t>(flags.body_mib) << 20;
  settings.admit = [&service](const net::HttpRequest& head) { return service.admit(head); };
  settings.problem = [](const net::HttpProblem& problem) {
    return serve::reply(problem.status, serve::error_json(problem.status, problem.message, problem.code));
  };
  if (!flags.quiet) settings.access = [&log](const net::AccessRecord& record) { log_access(log, record); };
  return settings;
}

int serve(const ServeFlags& given) {
  ServeFlags flags = given;
  check(flags);
  Log log;
  const sigset_t signals = block_signals();                     // before any thread begins
  if (!flags.no_page) flags.service.pages = serve::web_page();  // ready by the time the models are
  Pool pool(static_cast<int>(flags.engine.threads));
  std::vector<RunningModel> running;
  std::vector<const serve::ServedModel*> models;
  for (size_t i = 0; i < flags.models.size(); ++i) {
    const auto start = std::chrono::steady_clock::now();
    running.push_back(
        start_model(flags.models[i], i < flags.names.size() ? flags.names[i] : "", flags.engine, pool));
    models.push_back(running.back().served.get());
    log.info("{}: {} tokens at most, loaded in {:.2f} s", models.back()->name,
             running.back().engine->max_length(),
             std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
  }
  flags.service.keys = flags.keys;
  flags.service.usage = flags.usage;
  flags.service.signer = flags.signer;
  serve::Service service(flags.service, models);
  {
    net::HttpServer server(server_settings(flags, service, log),
                           [&](net::HttpRequest request, net::Responder responder) {
                             if (flags.log_prompts && !request.body.empty())
                               log.info("{} {}", request.target, request.body);
                             service.handle(std::move(request), std::move(responder));
                           });
    service.set_server_stats([&server] { return server.stats(); });
    for (const std::string& url : server.urls()) fmt::print("{}\n", url);
    std::fflush(stdout);
    if (flags.keys.empty() && flags.host != "127.0.0.1" && flags.host != "::1" && flags.host != "localhost")
      log.warn("everybody who reaches {} may use this server: give --keys FILE", flags.host);
    wait_for_signal(signals, service, log);
    log.info("stopping: running answers may finish for {} s", flags.drain_s);
    service.set_draining();
    server.drain(std::chrono::milliseconds(static_cast<int64_t>(flags.drain_s * 1000)));
    service.set_server_stats({});
  }
  for (RunningModel& model : running) model.engine->stop(0);
  return 0;
}

}  // namespace

Command serve_command() {
  return {"serve",
          "answer OpenAI clients and a web page over HTTP",
          [](Arguments& arguments) { return with_flags<ServeFlags>(arguments, serve); },
          {serve_key_command(), serve_usage_command(), serve_replay_command(), serve_bench_command()}};
}

}  // namespace aurora::apps
