#include "aurora/net/http_server.h"

#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <mutex>
#include <thread>

#include "aurora/base/error.h"
#include "aurora/net/connection.h"
#include "aurora/net/listen.h"
#include "aurora/net/tls.h"
#include "aurora/net/worker.h"

namespace aurora::net {
namespace {

// Connections over the limit that still hear why they are refused; beyond these they are closed unheard.
constexpr int kRefusalsAtOnce = 128;
constexpr Milliseconds kDrainStep{5};

// Small pieces go at once; a peer that vanished without a word is noticed within a minute.
void set_up(int socket) {
  const int on = 1, quiet_s = 30, probe_s = 10, probes = 3;
  ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  ::setsockopt(socket, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
  ::setsockopt(socket, IPPROTO_TCP, TCP_KEEPIDLE, &quiet_s, sizeof quiet_s);
  ::setsockopt(socket, IPPROTO_TCP, TCP_KEEPINTVL, &probe_s, sizeof probe_s);
  ::setsockopt(socket, IPPROTO_TCP, TCP_KEEPCNT, &probes, sizeof probes);
}

void check_settings(const ServerSettings& settings) {
  if (settings.threads < 1) {
    throw UsageError("a server needs at least one thread", "threads", "give 1 or more");
  }
  if (settings.limits.connections < 1) {
    throw UsageError("a server needs at least one connection", "connections", "give 1 or more");
  }
  if (settings.tls.certificate.empty() != settings.tls.key.empty()) {
    throw UsageError("TLS needs a certificate and its key", "certificate, key", "give both or neither");
  }
}

}  // namespace

struct HttpServer::State {
  ServerShared shared;
  std::vector<Listening> listening;
  std::mutex tls_mutex;
  std::shared_ptr<const TlsContext> tls;
  std::vector<std::unique_ptr<Worker>> workers;
  size_t next_worker = 0;  // of the accepting thread

  bool secure() const { return !shared.settings.tls.certificate.empty(); }

  void accepted(int socket) {
    const HttpLimits& limits = shared.settings.limits;
    ++shared.accepted;
    const int open = ++shared.open;
    const bool refused = open > limits.connections;
    if (refused) ++shared.refused;
    if (open > limits.connections + kRefusalsAtOnce) {
      --shared.open;
      ::close(socket);
      return;
    }
    set_up(socket);
    if (limits.socket_send_bytes > 0) {
      ::setsockopt(socket, SOL_SOCKET, SO_SNDBUF, &limits.socket_send_bytes, sizeof limits.socket_send_bytes);
    }
    Connection::Peer peer{.name = peer_name(socket), .secure = secure(), .refused = refused};
    std::unique_ptr<Transport> transport;
    if (secure()) {
      const std::lock_guard lock(tls_mutex);
      transport = make_tls_server_transport(socket, tls);
    } else {
      transport = make_plain_transport(socket);
    }
    workers[next_worker++ % workers.size()]->adopt(std::move(transport), std::move(peer));
  }
};

HttpServer::HttpServer(ServerSettings settings, HttpHandler handler) : state_(std::make_unique<State>()) {
  check_settings(settings);
  state_->shared.settings = std::move(settings);
  state_->shared.handler = std::move(handler);
  const ServerSettings& kept = state_->shared.settings;
  if (state_->secure()) state_->tls = TlsContext::for_server(kept.tls);
  state_->listening = listen_on(kept.host, kept.port);
  for (int i = 0; i < kept.threads; ++i) state_->workers.push_back(std::make_unique<Worker>(state_->shared));
  for (const Listening& one : state_->listening) {
    state_->workers.front()->accept_from(one.socket,
                                         [state = state_.get()](int socket) { state->accepted(socket); });
  }
}

HttpServer::~HttpServer() {
  // The first worker accepts and hands over to the others, so it stops first.
  for (const auto& worker : state_->workers) worker->stop();
}

uint16_t HttpServer::port() const {
  return state_->listening.front().port;
}

std::vector<std::string> HttpServer::urls() const {
  std::vector<std::string> urls;
  for (const Listening& one : state_->listening) {
    urls.push_back(fmt::format("{}://{}:{}", state_->secure() ? "https" : "http", one.address, one.port));
  }
  return urls;
}

ServerStats HttpServer::stats() const {
  const ServerShared& shared = state_->shared;
  return {.open = shared.open,
          .accepted = shared.accepted,
          .refused = shared.refused,
          .requests = shared.requests,
          .active = shared.active,
          .cut_off = shared.cut_off,
          .bytes_in = shared.bytes_in,
          .bytes_out = shared.bytes_out};
}

bool HttpServer::drain(Milliseconds deadline) {
  ServerShared& shared = state_->shared;
  const auto end = std::chrono::steady_clock::now() + deadline;
  shared.draining = true;
  for (const auto& worker : state_->workers) worker->drain();
  while (shared.open > 0 && std::chrono::steady_clock::now() < end) std::this_thread::sleep_for(kDrainStep);
  const bool finished = shared.active == 0;
  for (const auto& worker : state_->workers) worker->close_all();
  return finished;
}

void HttpServer::reload_tls() {
  if (!state_->secure()) return;
  auto fresh = TlsContext::for_server(state_->shared.settings.tls);
  const std::lock_guard lock(state_->tls_mutex);
  state_->tls = std::move(fresh);
}

}  // namespace aurora::net
