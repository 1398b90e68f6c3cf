// A blocking HTTP/1.1 client: one connection, kept alive, opened when it is needed. For tests and tools; a
// server's own way is http_server.h. One thread at a time. Follows no redirects, keeps no cookies.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "aurora/net/http.h"

namespace aurora::net {

// The parts of "https://host:8443/base?x=1".
struct Url {
  bool secure = false;
  std::string host;  // an IPv6 address without its brackets
  uint16_t port = 80;
  std::string target = "/";
};
// Error: not http:// or https://, no host, a port out of range.
Url parse_url(std::string_view text);

struct ClientSettings {
  std::string url{};                          // scheme, host and port; the rest is ignored
  std::string authorities{};                  // PEM file of trusted certificates; empty: the system's
  bool verify = true;                         // the certificate and the host's name in it
  std::chrono::milliseconds timeout{60'000};  // for connecting, and for each silence of the server
  uint64_t body_bytes = 1 << 30;              // of a whole answer's body
};

class HttpClient {
 public:
  explicit HttpClient(ClientSettings settings);
  explicit HttpClient(std::string url);
  ~HttpClient();
  HttpClient(HttpClient&&) noexcept;

  // Sends and reads the whole answer. On a kept connection that the server closed meanwhile it connects and
  // sends once more. Error: cannot connect, timeout, TLS, cut off, not HTTP.
  HttpResponse send(const HttpRequest& request);
  HttpResponse get(std::string target);
  HttpResponse post(std::string target, std::string body, std::string content_type = "application/json");

  // Sends and reads the answer's header; read() then gives the body piece by piece as it comes (pieces are
  // what arrived, not the server's chunks), and nothing at its end. Error: as above; also an answer that is
  // cut off before its end.
  HttpResponse open(const HttpRequest& request);
  std::optional<std::string> read();

  // Hangs up; the next request connects again.
  void close();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace aurora::net
