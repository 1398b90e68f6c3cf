// Bytes to HTTP messages, without sockets: Beast's parser, held to stricter rules. What two programs could
// read in two ways (request smuggling) is refused: Content-Length beside Transfer-Encoding, either of them
// twice, an encoding other than chunked, a Host twice. One thread.
#pragma once

#include <memory>
#include <optional>
#include <string_view>

#include "aurora/net/http.h"
#include "aurora/net/http_server.h"

namespace aurora::net {

// One request.
class RequestParser {
 public:
  explicit RequestParser(const HttpLimits& limits);
  ~RequestParser();
  RequestParser(RequestParser&&) noexcept;
  RequestParser& operator=(RequestParser&&) noexcept;

  // Takes bytes from the front; says how many. Stops behind the header, so that it can be looked at, and
  // behind the message. What it leaves otherwise must come again, with more behind it.
  size_t feed(std::string_view bytes);

  bool header_complete() const;
  bool complete() const;
  // What is wrong with the message; then nothing more may be fed.
  const std::optional<HttpProblem>& problem() const;

  // From header_complete() on; the body grows until complete(). Trailers are not kept.
  HttpRequest& request();
  bool keep_alive() const;
  bool expects_continue() const;

 private:
  struct Machine;
  std::unique_ptr<Machine> machine_;
};

// One answer, for the client. `no_body`: it answers HEAD.
class ResponseParser {
 public:
  ResponseParser(bool no_body, uint64_t body_bytes);
  ~ResponseParser();
  ResponseParser(ResponseParser&&) noexcept;

  size_t feed(std::string_view bytes);
  // The connection has ended. Error text if the answer has not.
  void feed_end();

  bool header_complete() const;
  bool complete() const;
  const std::optional<HttpProblem>& problem() const;
  // body: what came since the caller last took it away.
  HttpResponse& response();
  bool keep_alive() const;

 private:
  struct Machine;
  std::unique_ptr<Machine> machine_;
};

}  // namespace aurora::net
