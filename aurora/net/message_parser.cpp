#include "aurora/net/message_parser.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>

namespace aurora::net {
namespace {

namespace http = boost::beast::http;
using boost::beast::error_code;

constexpr size_t kMaxFields = 128;

HttpProblem problem_of(const error_code& error) {
  if (error == http::error::header_limit) return {431, "header_too_large", "The header is too large."};
  if (error == http::error::body_limit) return {413, "body_too_large", "The body is too large."};
  if (error == http::error::bad_version) {
    return {400, "bad_request", "The request line is not METHOD TARGET HTTP/1.1."};
  }
  if (error == http::error::bad_content_length || error == http::error::bad_transfer_encoding) {
    return {400, "bad_length",
            "Content-Length and Transfer-Encoding contradict each other or are malformed."};
  }
  return {400, "bad_request", fmt::format("The message is not HTTP: {}.", error.message())};
}

// What requests and answers share: Beast's machine, the limits it does not keep, and the first problem.
template <bool is_request>
class Machine : public http::basic_parser<is_request> {
 public:
  size_t feed(std::string_view bytes, uint64_t header_bytes) {
    size_t used = 0;
    while (!problem && !this->is_done()) {
      const bool in_header = !this->is_header_done();
      error_code error;
      const std::string_view rest = bytes.substr(used);
      const size_t taken = this->put(boost::asio::const_buffer(rest.data(), rest.size()), error);
      used += taken;
      if (in_header) header_size += taken;
      const bool wants_more = error == http::error::need_more;
      if (error && !wants_more) {
        if (!problem) problem = problem_of(error);
        break;
      }
      const uint64_t waiting = bytes.size() - used;
      if (in_header && this->is_header_done()) {
        if (header_size > header_bytes) problem = problem_of(http::error::header_limit);
        break;
      }
      // A header, or a chunk's extension or the trailers, that does not end.
      if (wants_more && waiting + (in_header ? header_size : 0) > header_bytes) {
        problem = problem_of(http::error::header_limit);
      }
      if (wants_more || used == bytes.size()) break;
    }
    return used;
  }

  std::optional<HttpProblem> problem;
  uint64_t header_size = 0;

 protected:
  void fail(error_code& error, HttpProblem found) {
    problem = std::move(found);
    error = http::error::bad_value;
  }

 private:
  void on_body_init_impl(const boost::optional<uint64_t>&, error_code&) override {}
  void on_chunk_header_impl(uint64_t, std::string_view, error_code&) override {}
  void on_finish_impl(error_code&) override {}
};

bool all_digits(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

bool is_host(std::string_view text) {
  constexpr std::string_view kMarks = "-._~:[]%!$&'()*+,;=";
  return std::all_of(text.begin(), text.end(), [&](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           kMarks.find(c) != kMarks.npos;
  });
}

// "http://host/path" (as for proxies) means "/path".
std::string_view origin_form(std::string_view target) {
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (target.size() > scheme.size() && equal_without_case(target.substr(0, scheme.size()), scheme)) {
      const size_t slash = target.find_first_of("/?#", scheme.size());
      return slash != target.npos && target[slash] == '/' ? target.substr(slash) : std::string_view("/");
    }
  }
  return target;
}

}  // namespace

struct RequestParser::Machine final : net::Machine<true> {
  explicit Machine(const HttpLimits& limits) : limits(limits) {
    this->header_limit(static_cast<uint32_t>(std::min<uint64_t>(limits.header_bytes, UINT32_MAX)));
    this->body_limit(limits.body_bytes);
  }

  void on_request_impl(http::verb, std::string_view method, std::string_view target, int version,
                       error_code& error) override {
    if (target.size() > limits.target_bytes) {
      return fail(error,
                  {414, "target_too_long",
                   fmt::format("The target of the request is longer than {} bytes.", limits.target_bytes)});
    }
    request.method = method;
    request.target = origin_form(target);
    request.minor_version = version % 10;
    if (!split_target(request)) {
      fail(error, {400, "bad_target", "The target of the request is not a path that begins with '/'."});
    }
  }

  void on_field_impl(http::field, std::string_view name, std::string_view value, error_code& error) override {
    if (this->is_header_done()) return;  // a trailer
    if (request.headers.size() >= kMaxFields) {
      return fail(error, {431, "header_too_large", fmt::format("More than {} header fields.", kMaxFields)});
    }
    for (const std::string_view once : {"Host", "Content-Length", "Transfer-Encoding", "Expect"}) {
      if (equal_without_case(name, once) && request.headers.has(once)) {
        return fail(error, {400, "bad_header", fmt::format("The header field {} stands twice.", once)});
      }
    }
    request.headers.add(std::string(name), std::string(value));
  }

  void on_header_impl(error_code& error) override {
    const Headers& headers = request.headers;
    const bool old = request.minor_version == 0;
    if (!headers.has("Host") ? !old : !is_host(headers.get("Host"))) {
      return fail(error, {400, "bad_host", "The header field Host is missing or malformed."});
    }
    if (headers.has("Content-Length") && !all_digits(headers.get("Content-Length"))) {
      return fail(error, problem_of(http::error::bad_content_length));
    }
    if (headers.has("Transfer-Encoding")) {
      if (old) return fail(error, {400, "bad_length", "HTTP/1.0 knows no Transfer-Encoding."});
      if (!equal_without_case(headers.get("Transfer-Encoding"), "chunked")) {
        return fail(error,
                    {501, "unsupported_encoding", "The only Transfer-Encoding known here is chunked."});
      }
    }
    if (headers.has("Expect") && !equal_without_case(headers.get("Expect"), "100-continue")) {
      return fail(error, {417, "unknown_expectation", "The only Expect known here is 100-continue."});
    }
  }

  size_t on_body_impl(std::string_view piece, error_code& error) override {
    if (request.body.size() + piece.size() > limits.body_bytes) {
      error = http::error::body_limit;
      return 0;
    }
    request.body += piece;
    return piece.size();
  }

  size_t on_chunk_body_impl(uint64_t, std::string_view piece, error_code& error) override {
    return on_body_impl(piece, error);
  }

  void on_response_impl(int, std::string_view, int, error_code&) override {}

  const HttpLimits& limits;
  HttpRequest request;
};

RequestParser::RequestParser(const HttpLimits& limits) : machine_(std::make_unique<Machine>(limits)) {}
RequestParser::~RequestParser() = default;
RequestParser::RequestParser(RequestParser&&) noexcept = default;
RequestParser& RequestParser::operator=(RequestParser&&) noexcept = default;

size_t RequestParser::feed(std::string_view bytes) {
  const size_t used = machine_->feed(bytes, machine_->limits.header_bytes);
  std::optional<HttpProblem>& problem = machine_->problem;
  if (problem && problem->status == 413) {
    problem->message = fmt::format("The body is larger than {} bytes.", machine_->limits.body_bytes);
  } else if (problem && problem->code == "header_too_large" && machine_->header_size > 0) {
    problem->message = fmt::format("The header is larger than {} bytes or {} fields.",
                                   machine_->limits.header_bytes, kMaxFields);
  }
  return used;
}

bool RequestParser::header_complete() const {
  return machine_->is_header_done();
}
bool RequestParser::complete() const {
  return machine_->is_done() && !machine_->problem;
}
const std::optional<HttpProblem>& RequestParser::problem() const {
  return machine_->problem;
}
HttpRequest& RequestParser::request() {
  return machine_->request;
}
bool RequestParser::keep_alive() const {
  return machine_->keep_alive();
}
bool RequestParser::expects_continue() const {
  return machine_->request.minor_version == 1 && machine_->request.headers.has("Expect");
}

struct ResponseParser::Machine final : net::Machine<false> {
  void on_response_impl(int status, std::string_view, int, error_code&) override { response.status = status; }
  void on_field_impl(http::field, std::string_view name, std::string_view value, error_code&) override {
    if (!this->is_header_done()) response.headers.add(std::string(name), std::string(value));
  }
  void on_header_impl(error_code&) override {}
  size_t on_body_impl(std::string_view piece, error_code&) override {
    response.body += piece;
    return piece.size();
  }
  size_t on_chunk_body_impl(uint64_t, std::string_view piece, error_code& error) override {
    return on_body_impl(piece, error);
  }
  void on_request_impl(http::verb, std::string_view, std::string_view, int, error_code&) override {}

  HttpResponse response;
};

namespace {
constexpr uint32_t kResponseHeaderBytes = 256 << 10;
}  // namespace

ResponseParser::ResponseParser(bool no_body, uint64_t body_bytes) : machine_(std::make_unique<Machine>()) {
  machine_->header_limit(kResponseHeaderBytes);
  machine_->body_limit(body_bytes);
  if (no_body) machine_->skip(true);
}
ResponseParser::~ResponseParser() = default;
ResponseParser::ResponseParser(ResponseParser&&) noexcept = default;

size_t ResponseParser::feed(std::string_view bytes) {
  return machine_->feed(bytes, kResponseHeaderBytes);
}

void ResponseParser::feed_end() {
  error_code error = http::error::partial_message;
  if (machine_->got_some()) {
    error = {};
    machine_->put_eof(error);
  }
  if (error && !machine_->problem) machine_->problem = problem_of(error);
}

bool ResponseParser::header_complete() const {
  return machine_->is_header_done();
}
bool ResponseParser::complete() const {
  return machine_->is_done();
}
const std::optional<HttpProblem>& ResponseParser::problem() const {
  return machine_->problem;
}
HttpResponse& ResponseParser::response() {
  return machine_->response;
}
bool ResponseParser::keep_alive() const {
  return machine_->keep_alive();
}

}  // namespace aurora::net
