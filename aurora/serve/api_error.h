// An answer that says no, in OpenAI's shape: {"error": {"message", "type", "param", "code"}}.
#pragma once

#include <stdexcept>
#include <string>

#include "aurora/net/http.h"

namespace aurora::serve {

// Thrown by whatever reads a request; becomes the HTTP answer. message: what is wrong and what to do, for a
// person. param: the path of the field in the body ("messages[2].content"), or empty.
class ApiError : public std::runtime_error {
 public:
  ApiError(int status, std::string code, const std::string& message, std::string param = "");

  int status() const { return status_; }
  const std::string& code() const { return code_; }
  const std::string& param() const { return param_; }
  std::string json() const;

  // 400 invalid_value: the field is there and wrong.
  static ApiError invalid(const std::string& param, const std::string& message);

 private:
  int status_;
  std::string code_;
  std::string param_;
};

// The body of an error that has only a status and a message, as the HTTP server meets them.
std::string error_json(int status, const std::string& message, const std::string& code = "",
                       const std::string& param = "");

// A whole response with this body; `headers` besides its type.
net::HttpResponse reply(int status, std::string body, net::Headers headers = {},
                        const char* type = "application/json");

}  // namespace aurora::serve
