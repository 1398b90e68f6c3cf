// HTTP messages as plain data, and what can be said about them without a socket. RFC 9110 (semantics) and
// RFC 9112 (HTTP/1.1). Plain values: copy, move, share between threads as any std::string.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace aurora::net {

// Header fields in the order in which they came; names compare without case (ASCII).
class Headers {
 public:
  using Field = std::pair<std::string, std::string>;  // name, value

  Headers() = default;
  Headers(std::initializer_list<Field> fields) : fields_(fields) {}

  // The first field of that name; empty when there is none (`has` tells the two apart).
  std::string_view get(std::string_view name) const;
  bool has(std::string_view name) const;
  void add(std::string name, std::string value);
  // Replaces every field of that name.
  void set(std::string name, std::string value);

  auto begin() const { return fields_.begin(); }
  auto end() const { return fields_.end(); }
  size_t size() const { return fields_.size(); }

 private:
  std::vector<Field> fields_;
};

struct HttpRequest {
  std::string method = "GET";  // as sent: "GET", "POST", ...
  std::string target = "/";    // as sent, beginning with '/' (or "*" with OPTIONS)
  std::string path = "/";      // the target up to '?', percent-decoded: may hold any byte but NUL
  std::string query;           // what follows '?', as sent
  Headers headers;
  std::string body;       // whole, chunks joined
  std::string peer;       // "127.0.0.1:50000" or "[::1]:50000": who is at the other end of the connection
  bool secure = false;    // came through TLS
  int minor_version = 1;  // HTTP/1.0 or 1.1
};

// A request for `target`, path and query filled in. Error: the target is no origin-form target.
HttpRequest make_request(std::string method, std::string target, std::string body = {});

struct HttpResponse {
  int status = 200;
  Headers headers;  // Content-Length, Transfer-Encoding, Connection and Date are the server's own
  std::string body;
  // When set it is the body instead, not copied: for answers that many get.
  std::shared_ptr<const std::string> shared_body;

  std::string_view content() const { return shared_body ? std::string_view(*shared_body) : body; }
};

// Fills path and query from method and target. False: the target is neither origin-form ("/path?query",
// visible ASCII, a path that decodes) nor "*" with OPTIONS.
bool split_target(HttpRequest& request);

// "Not Found" for 404; "Unknown" for a status without a name of its own.
std::string_view status_text(int status);

// What a client did wrong, or what the server cannot do for it now.
struct HttpProblem {
  int status = 400;
  std::string code;     // one word for programs: "body_too_large"
  std::string message;  // one sentence for people, with the limit or the remedy in it
};

// The problem in the shape of OpenAI's errors:
// {"error":{"message":...,"type":"invalid_request_error","param":null,"code":...}}; type "server_error" from
// 500 on.
HttpResponse problem_response(const HttpProblem& problem);

// `%41` -> `A`; with plus_is_space also `+` -> ` `. Nothing when a '%' is not followed by two hex digits.
std::optional<std::string> percent_decode(std::string_view text, bool plus_is_space = false);
// The value of `name` in "a=1&b=two", decoded; nothing when it is not there or does not decode.
std::optional<std::string> query_value(std::string_view query, std::string_view name);

// Whether a comma-separated header value holds `token` (without case): has_token("gzip, br", "gzip").
bool has_token(std::string_view list, std::string_view token);
bool equal_without_case(std::string_view a, std::string_view b);
// A token of RFC 9110: a method, a field name.
bool is_token(std::string_view text);

}  // namespace aurora::net
